import { rmSync } from 'node:fs'
import path from 'node:path'
import { defineConfig, type Plugin } from 'vite'

/**
 * Removes what the last build left in `dist`. Vite's own `emptyOutDir` would delete `dist/types` with it, where `tsc -b`
 * keeps its build info: the next `tsc -b` would then compile everything again, and find its outputs gone.
 */
function cleanAssets(): Plugin {
  return {
    name: 'clean-assets',
    apply: 'build',
    buildStart() {
      for (const name of ['assets', 'index.html', 'favicon.svg']) {
        rmSync(path.join(import.meta.dirname, 'dist', name), { recursive: true, force: true })
      }
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [cleanAssets()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Browsers of 2024 and newer: they know `light-dark()`, nesting and `<dialog>`, so nothing has to be lowered.
  build: {
    target: ['chrome123', 'firefox121', 'safari17.5'],
    outDir: 'dist',
    emptyOutDir: false,
    // Nothing is inlined as a data: URL, which a strict content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `npx vite packages/panel` beside a running log server, for work on the panel itself.
  server: { port: 5174, proxy: { '/api': 'http://127.0.0.1:5173' } },
})
