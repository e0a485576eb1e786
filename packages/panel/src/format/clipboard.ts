/** Copies text; resolves with whether that worked. Never rejects. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Outside https and localhost the clipboard API is missing or refused; the old way still works there.
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  const focused = document.activeElement
  // Inside an open dialog nothing outside of it may be selected.
  ;(document.querySelector('dialog[open]') ?? document.body).append(area)
  area.select()
  let isCopied = false
  try {
    isCopied = document.execCommand('copy')
  } catch {
    // Some browsers throw instead of answering false.
  }
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return isCopied
}
