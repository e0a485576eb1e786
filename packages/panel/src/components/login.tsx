import { useEffect, useRef, useState } from 'preact/hooks'

import { asProtocolError, type ProtocolError } from '../api/client.ts'
import { session, signIn } from '../state/session.ts'
import { Logo, ThemeButton } from './header.tsx'

/** What went wrong and what to do, for whoever tries to sign in. */
function explain(error: ProtocolError): string {
  if (error.code === 'bad_credentials' || error.code === 'unauthorized') {
    return 'Wrong user or password. The user is admin; the password is LOGS_ADMIN_PASSWORD, or the one the log server printed at its start.'
  }
  if (error.code === 'network') {
    return 'The log server does not answer. Is it running? Start it with "npm run logs", then try again.'
  }
  return error.message
}

/** User and password. The view asked for stays in the URL and is shown afterwards. */
export function Login() {
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState('')
  const [waitUntilMs, setWaitUntilMs] = useState(0)
  const [nowMs, setNowMs] = useState(Date.now())
  const password = useRef<HTMLInputElement>(null)
  const why = session.value.state === 'out' ? session.value.why : 'start'
  const waitSeconds = Math.max(0, Math.ceil((waitUntilMs - nowMs) / 1000))

  useEffect(() => password.current?.focus(), [])
  useEffect(() => {
    if (waitUntilMs <= Date.now()) return
    const timer = setInterval(() => setNowMs(Date.now()), 250)
    return () => clearInterval(timer)
  }, [waitUntilMs])
  useEffect(() => {
    if (waitSeconds === 0 && waitUntilMs > 0) {
      setWaitUntilMs(0)
      setFault('')
    }
  }, [waitSeconds, waitUntilMs])

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (isBusy || waitSeconds > 0) return
    const data = new FormData(event.currentTarget as HTMLFormElement)
    setBusy(true)
    setFault('')
    try {
      await signIn(String(data.get('username') ?? ''), String(data.get('password') ?? ''))
    } catch (thrown) {
      const error = asProtocolError(thrown)
      setFault(explain(error))
      if (error.code === 'too_many_attempts') {
        setNowMs(Date.now())
        setWaitUntilMs(Date.now() + (error.retryAfterSeconds ?? 30) * 1000)
      }
      password.current?.select()
    } finally {
      setBusy(false)
    }
  }
  return (
    <main class="login">
      <form class="login-card" onSubmit={(event) => void submit(event)}>
        <h1>
          <Logo />
          PixSim7 Logs
        </h1>
        {why === 'ended' ? (
          <p class="note">Your session has ended. Sign in to go on where you were.</p>
        ) : null}
        {why === 'left' ? <p class="note">You are logged out.</p> : null}
        <label>
          User
          <input
            name="username"
            autocomplete="username"
            required
            maxLength={128}
            defaultValue="admin"
            spellcheck={false}
          />
        </label>
        <label>
          Password
          <input
            ref={password}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            maxLength={1024}
          />
        </label>
        <p class="fault" role="alert">
          {waitSeconds > 0 ? `Too many attempts. Try again in ${waitSeconds} s.` : fault}
        </p>
        <button type="submit" class="button primary" aria-disabled={isBusy || waitSeconds > 0}>
          {isBusy ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
      <ThemeButton />
    </main>
  )
}
