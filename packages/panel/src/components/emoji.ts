let answer: boolean | undefined

/**
 * Whether the system has a font with colour emoji: bare servers and some Linux desktops have none and would draw boxes.
 * Found out by drawing a red circle and looking for red.
 */
export function canDrawEmoji(): boolean {
  answer ??= findOut()
  return answer
}

function findOut(): boolean {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 16
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) return false
  context.font = '12px sans-serif'
  context.textBaseline = 'top'
  context.fillStyle = '#000'
  context.fillText('🔴', 0, 1)
  const { data } = context.getImageData(0, 0, 16, 16)
  for (let pixel = 0; pixel < data.length; pixel += 4) {
    const [red = 0, green = 0, , alpha = 0] = data.subarray(pixel, pixel + 4)
    if (alpha > 128 && red > 128 && green < 100) return true
  }
  return false
}
