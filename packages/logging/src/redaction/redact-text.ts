import { findEmails, findUrlUserInfo } from './addresses.ts'
import { findAssignments } from './assignments.ts'
import { findCards } from './cards.ts'
import { findIbans } from './iban.ts'
import * as scan from './prescan.ts'
import { Spans } from './spans.ts'
import { findApiKeys, findCredentials, findJwts, findPrivateKeys } from './tokens.ts'

/** Adds to `spans` what the built-in shapes find in `text`. `flags` is what prescan says about it. */
export function findSecrets(
  text: string,
  flags: number,
  spans: Spans,
  isSecretKey?: (key: string) => boolean,
): void {
  if (flags & scan.MAY_HOLD_PEM) findPrivateKeys(text, spans)
  if (flags & scan.MAY_HOLD_TOKEN) {
    findJwts(text, spans)
    findApiKeys(text, spans)
  }
  if (flags & scan.MAY_HOLD_CREDENTIALS) findCredentials(text, spans)
  if (flags & scan.MAY_HOLD_AT) {
    findEmails(text, spans, findUrlUserInfo(text, spans))
  }
  if (flags & scan.MAY_HOLD_CARD) findCards(text, spans)
  if (flags & scan.MAY_HOLD_IBAN) findIbans(text, spans)
  if (flags & scan.MAY_HOLD_ASSIGNMENT) findAssignments(text, spans, isSecretKey)
}

/**
 * `text` without the secrets whose shape is known; see redactor.ts for what is covered and what is not. Loggers do this by
 * themselves: it is for texts from elsewhere that a program stores or answers with. Redact before cutting, half a key has no shape.
 */
export function redactText(text: string): string {
  const flags = scan.prescan(text)
  if (flags === 0) return text
  const spans = new Spans()
  findSecrets(text, flags, spans)
  return spans.apply(text)
}
