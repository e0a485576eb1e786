/** How the simulated provider answers, rightly and wrongly. */
import type { ServerResponse } from 'node:http'
import { ERROR_CODES, type ErrorName } from './error-codes.ts'

/** HTTP 200 with the provider's envelope around `resp`. */
export function answerSuccess(response: ServerResponse, resp: Readonly<Record<string, unknown>>): void {
  sendJson(response, 200, { ErrCode: 0, ErrMsg: 'Success', Resp: resp })
}

/** HTTP 200 with an error code inside, as the provider reports its business errors. */
export function answerError(response: ServerResponse, name: ErrorName, detail?: string): void {
  const { code, message } = ERROR_CODES[name]
  sendJson(response, 200, { ErrCode: code, ErrMsg: detail === undefined ? message : `${message}: ${detail}` })
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** The ways an answer can go wrong. */
export type WrongAnswer = 'garbage' | 'cut' | 'http-500' | 'reset' | 'timeout'

/** Answers wrongly; after `timeout` the request stays open until one side closes the connection. */
export function answerWrongly(response: ServerResponse, how: WrongAnswer): void {
  switch (how) {
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end(
        '<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1><script>alert(1)</script>\n',
      )
      return
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"ErrCode":0,"ErrMsg":"Success","Resp":{"video_')
      return
    case 'http-500':
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end('internal error\n')
      return
    case 'reset':
      response.socket?.resetAndDestroy()
      return
    case 'timeout':
      return
  }
}
