/**
 * NODE_OPTIONS with which SIGUSR2 makes a program do `code`: what no request and no provider could bring about, such as a mistake
 * outside of everything that is caught.
 */
export function onSignal(code: string): string {
  return `--import=data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${code} })`)}`
}
