import fastifyStatic from '@fastify/static'
import { API_PREFIX } from '@pixsim7/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { notFound } from '../http/problems.ts'

/** Files here have the hash of their content in their name: another content has another name. */
const HASHED_FOLDER = '/assets/'
const ONE_YEAR_SECONDS = 365 * 86_400
const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>PixSim7 Logs</title>
<p>The panel is not built. Run <code>npm run build</code> and reload; the API works at <a href="/docs">/docs</a>.</p>
`

/**
 * The built panel: its files, and its page for `/`, `/logs` and every other address that is neither the API's nor a
 * file's, because the page itself reads the address. All else is not found.
 *
 * @param panelFolder what Vite built, with index.html; undefined when the panel is not installed
 */
export async function addPanelRoutes(app: FastifyInstance, panelFolder: string | undefined): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url?.startsWith(API_PREFIX) === true) return
    const isHashed = request.url.startsWith(HASHED_FOLDER)
    // no-cache: kept by browsers, but asked for again each time, so that a new build shows at once.
    reply.header('cache-control', isHashed ? `public, max-age=${ONE_YEAR_SECONDS}, immutable` : 'no-cache')
  })
  if (panelFolder === undefined) {
    app.setNotFoundHandler((request, reply) => {
      if (!isPage(request)) throw notFound(request)
      return reply.code(503).type('text/html; charset=utf-8').send(NOT_BUILT)
    })
    return
  }
  await app.register(fastifyStatic, {
    root: panelFolder,
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    // A folder is no file; and the declaration files of the compiler, beside what Vite built, are nobody's business.
    allowedPath: (pathname) => !pathname.endsWith('/') && !pathname.startsWith('/types/'),
  })
  app.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) throw notFound(request)
    return reply.code(200).sendFile('index.html')
  })
}

/** Whether an address that is no file's belongs to the panel's page. */
function isPage({ method, url }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const pathname = url.split('?', 1)[0] ?? ''
  return (
    !['/api', '/docs'].some((prefix) => pathname === prefix || pathname.startsWith(`${prefix}/`)) &&
    !pathname.startsWith(HASHED_FOLDER)
  )
}

/** Folder of the built panel, found the way any package finds another; undefined when it is not built. */
export function findPanelFolder(): string | undefined {
  try {
    const folder = path.join(
      path.dirname(createRequire(import.meta.url).resolve('@pixsim7/panel/package.json')),
      'dist',
    )
    return existsSync(path.join(folder, 'index.html')) ? folder : undefined
  } catch {
    // Not installed: the API works without it, and the page that stands in for it says so.
    return undefined
  }
}
