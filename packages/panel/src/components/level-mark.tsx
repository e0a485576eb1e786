import type { Level } from '@pixsim7/record'

/** One shape per level, so that no colour has to be told from another. */
const SHAPES: Readonly<Record<Level, string>> = {
  CRITICAL: 'M6 0 12 6 6 12 0 6z',
  ERROR: 'M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8z',
  WARNING: 'M6 .8 11.8 11.2H.2z',
  INFO: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1zm0 1.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8z',
  DEBUG: 'M1.5 5h9v2h-9z',
}

/** The level's shape in its colour; decoration beside the level's name. */
export function LevelShape({ level }: { readonly level: Level }) {
  return (
    <svg class={`shape level-${level}`} viewBox="0 0 12 12" aria-hidden="true">
      <path d={SHAPES[level]} fill-rule="evenodd" />
    </svg>
  )
}

/** Shape and name. */
export function LevelMark({ level }: { readonly level: Level }) {
  return (
    <span class={`level-mark level-${level}`}>
      <LevelShape level={level} />
      {level}
    </span>
  )
}
