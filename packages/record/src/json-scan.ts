/** Where the JSON string that begins with the quote at `start` ends (index past its closing quote); -1 if it does not. */
export function endOfJsonString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1
    if (backslashes % 2 === 0) return quote + 1
  }
  return -1
}

const STRUCTURE = /["[\]{}]/g

/** Where the object or array that begins at `start` ends (index past its bracket); -1 if it does not. */
export function endOfJsonContainer(text: string, start: number): number {
  let depth = 0
  STRUCTURE.lastIndex = start
  for (let match = STRUCTURE.exec(text); match !== null; match = STRUCTURE.exec(text)) {
    const character = match[0]
    if (character === '"') {
      const end = endOfJsonString(text, match.index)
      if (end === -1) return -1
      STRUCTURE.lastIndex = end
    } else if (character === '{' || character === '[') {
      depth += 1
    } else {
      depth -= 1
      if (depth === 0) return match.index + 1
    }
  }
  return -1
}
