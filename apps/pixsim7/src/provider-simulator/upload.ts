/** Answers `POST image/upload` and `POST media/upload`: takes a file or an address and gives it a number. */
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { answerError, answerSuccess } from './answers.ts'
import { readBody } from './request-body.ts'

const MAX_UPLOAD_BYTES = 20 * 1024 * 1024

export async function answerUpload(
  request: IncomingMessage,
  response: ServerResponse,
  path: '/image/upload' | '/media/upload',
): Promise<void> {
  const body = await readBody(request, MAX_UPLOAD_BYTES)
  const type = request.headers['content-type']
  if (body === undefined || type === undefined) return answerError(response, 'badParameter', 'body')
  const content = await readUpload(body, type, path === '/image/upload' ? 'image' : 'file')
  if (content === undefined) return answerError(response, 'badParameter', 'no file and no address')
  // The same content has the same number, as far as 48 bits go.
  const id = createHash('sha256').update(content).digest().readUIntBE(0, 6)
  if (path === '/image/upload') return answerSuccess(response, { img_id: id, img_url: '' })
  answerSuccess(response, { media_id: id, media_type: 'video', url: '' })
}

/** The bytes of the file field `name`, or the text of `name_url`; undefined when the form holds neither. */
async function readUpload(body: Buffer, type: string, name: string): Promise<Buffer | undefined> {
  try {
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    const file = form.get(name)
    if (file instanceof Blob) return Buffer.from(await file.arrayBuffer())
    const url = form.get(`${name}_url`)
    return typeof url === 'string' && URL.canParse(url) ? Buffer.from(url) : undefined
  } catch {
    // Not a form: refused like an empty one.
    return undefined
  }
}
