import type { FilterQuery } from '@pixsim7/protocol'
import { LEVELS, parseLevel, type Level } from '@pixsim7/record'
import type { LogFilter } from '@pixsim7/store'
import { badParameter, quote } from './parameter-problem.ts'
import { parseTimeParameter, TIME_FORMS } from './time-parameter.ts'

/**
 * The filter that the parameters of a question mean.
 *
 * @param nowUs what relative times count from, microseconds since 1970
 * @throws ServerError bad_parameter, naming the parameter, its value and what was expected.
 */
export function readFilter(query: FilterQuery, nowUs: number): LogFilter {
  const fromUs = readTime('from', query.from, nowUs)
  const toUs = readTime('to', query.to, nowUs)
  if (fromUs !== undefined && toUs !== undefined && fromUs >= toUs) {
    throw badParameter(
      `Parameter "from" is ${quote(query.from)} and "to" is ${quote(query.to)}`,
      '"from" before "to"',
    )
  }
  return {
    ...given('q', query.q),
    ...(query.level === undefined ? {} : { levels: readLevels(query.level) }),
    ...given('logger', query.logger),
    ...given('components', query.component),
    ...given('search', query.search),
    ...given('user_id', query.user_id),
    ...given('job_id', query.job_id),
    ...given('request_id', query.request_id),
    ...given('fromUs', fromUs),
    ...given('toUs', toUs),
  }
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value }
}

function readLevels(words: readonly string[]): Level[] {
  const levels = words.map((word) => {
    const level = parseLevel(word)
    if (level !== undefined) return level
    const hint = word.includes(',') ? '; repeat the parameter for several' : ''
    throw badParameter(
      `Parameter "level" is ${quote(word)}`,
      `one of ${LEVELS.join(', ')}, in any case${hint}`,
    )
  })
  return [...new Set(levels)]
}

function readTime(name: string, text: string | undefined, nowUs: number): number | undefined {
  if (text === undefined) return undefined
  const timeUs = parseTimeParameter(text, nowUs)
  if (timeUs === undefined) throw badParameter(`Parameter "${name}" is ${quote(text)}`, TIME_FORMS)
  return timeUs
}
