import { signal, type ReadonlySignal } from '@preact/signals'
import { asProtocolError, client, isSignedOut, type ProtocolError } from '../api/client.ts'

/**
 * - `asking`: at start, until the server has said who we are; ends in one of the others.
 * - `unknown`: the server could not be asked; asking again may end it.
 * - `out`: the login is shown. `ended` when a session that stood was refused: the view behind it is kept in the URL.
 * - `in`: signed in.
 */
export type Session =
  | { readonly state: 'asking' }
  | { readonly state: 'unknown'; readonly error: ProtocolError }
  | { readonly state: 'out'; readonly why: 'start' | 'ended' | 'left' }
  | { readonly state: 'in'; readonly username: string }

const current = signal<Session>({ state: 'asking' })

export const session: ReadonlySignal<Session> = current

/** Asks the server who we are; never rejects. */
export async function resumeSession(): Promise<void> {
  try {
    const { username } = await client.me()
    current.value = { state: 'in', username }
  } catch (thrown) {
    current.value = isSignedOut(thrown)
      ? { state: 'out', why: 'start' }
      : { state: 'unknown', error: asProtocolError(thrown) }
  }
}

/** @throws ProtocolError `bad_credentials`, `too_many_attempts` (with `retryAfterSeconds`), `network`, … */
export async function signIn(username: string, password: string): Promise<void> {
  const me = await client.login(username, password)
  current.value = { state: 'in', username: me.username }
}

/** Ends the session here even when the server cannot be told: the reader wants to leave. */
export async function signOut(): Promise<void> {
  try {
    await client.logout()
  } catch {
    // The cookie stays until it runs out; the server's own limit ends that session.
  }
  current.value = { state: 'out', why: 'left' }
}

/** The server no longer knows the session. */
export function endSession(): void {
  if (current.value.state === 'in') current.value = { state: 'out', why: 'ended' }
}
