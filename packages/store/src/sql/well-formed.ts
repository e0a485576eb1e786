/// <reference lib="es2024.string" />

/** The text with U+FFFD for each lone surrogate: UTF-8 cannot carry them, and the engine refuses rows that hold one. */
export function wellFormed(text: string): string {
  return text.toWellFormed()
}
