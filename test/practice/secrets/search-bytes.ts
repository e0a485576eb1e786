/** Finds texts in bytes in whatever form they may stand there: as they are, in any case, or encoded. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A place where something was found. */
export interface Finding {
  readonly name: string
  /** `plain`, `url`, `json`, `base64`, `hex`. */
  readonly form: string
  readonly place: string
}

interface Needle {
  readonly name: string
  readonly form: string
  readonly bytes: Buffer
}

const PREFIX_BYTES = 3

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte
}

/** The forms of a text. Base64 depends on where in a triple of bytes the text begins, so there are three of it. */
function formsOf(value: string): [string, string][] {
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]).toString('base64')
    // The first and last characters hold bits of the neighbours too.
    return text.slice(offset === 0 ? 0 : 4, -4)
  })
  return [
    ['plain', value],
    ['url', encodeURIComponent(value)],
    ['url with plus', encodeURIComponent(value).replaceAll('%20', '+')],
    ['json', JSON.stringify(value).slice(1, -1)],
    ['json in json', JSON.stringify(JSON.stringify(value)).slice(3, -3)],
    ...base64.flatMap((text): [string, string][] => [
      ['base64', text],
      ['base64', text.replaceAll('+', '-').replaceAll('/', '_')],
    ]),
    ['hex', Buffer.from(value).toString('hex')],
  ]
}

/** A search for many texts at once, in one pass over the bytes. */
export class ByteSearch {
  readonly #needles = new Map<number, Needle[]>()
  /** One entry for each beginning of three bytes that some needle has. */
  readonly #filter = new Uint8Array(1 << (8 * PREFIX_BYTES))

  constructor(texts: readonly { readonly name: string; readonly value: string }[]) {
    for (const { name, value } of texts) {
      const seen = new Set<string>()
      for (const [form, text] of formsOf(value)) {
        const bytes = Buffer.from(text).map(lower)
        if (bytes.length < 8) throw new Error(`BUG: ${name} is too short to be searched for`)
        if (seen.has(text.toLowerCase())) continue
        seen.add(text.toLowerCase())
        const prefix = ((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
        this.#filter[prefix] = 1
        const needle = { name, form, bytes: Buffer.from(bytes) }
        this.#needles.set(prefix, [...(this.#needles.get(prefix) ?? []), needle])
      }
    }
  }

  /** Everything that stands in `bytes`, each text in each form once. */
  find(bytes: Uint8Array, place: string): Finding[] {
    const found = new Map<string, Finding>()
    let prefix = 0
    for (let index = 0; index < bytes.length; index++) {
      prefix = ((prefix << 8) | lower(bytes[index] as number)) & 0xff_ff_ff
      if (this.#filter[prefix] !== 1) continue
      for (const needle of this.#needles.get(prefix) ?? []) {
        if (stands(needle.bytes, bytes, index - PREFIX_BYTES + 1)) {
          found.set(`${needle.name} ${needle.form}`, { name: needle.name, form: needle.form, place })
        }
      }
    }
    return [...found.values()]
  }

  findInText(text: string, place: string): Finding[] {
    return this.find(Buffer.from(text), place)
  }

  /** All files below a folder; archives are searched unpacked as well. Places are relative to the folder. */
  findInFolder(folder: string): Finding[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .flatMap((entry) => {
        const file = path.join(entry.parentPath, entry.name)
        const place = path.relative(folder, file)
        const bytes = readIfThere(file)
        if (bytes === undefined) return []
        const unpacked = entry.name.endsWith('.gz') ? this.find(gunzipSync(bytes), `${place} (unpacked)`) : []
        return [...this.find(bytes, place), ...unpacked, ...this.findInText(place, `the name ${place}`)]
      })
  }
}

function stands(needle: Buffer, bytes: Uint8Array, at: number): boolean {
  if (at + needle.length > bytes.length) return false
  for (let index = 0; index < needle.length; index++) {
    if (lower(bytes[at + index] as number) !== needle[index]) return false
  }
  return true
}

/** Undefined for a file that a running server has removed meanwhile. */
function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
