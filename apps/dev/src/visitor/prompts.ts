/** What visitors ask for, in the languages they speak. */
import type { Random } from './random.ts'

export const PROMPTS: readonly string[] = [
  'A lighthouse in a storm, waves breaking over the rocks, slow push in',
  'Two foxes playing in fresh snow at sunrise, handheld camera',
  'An old tram climbing a steep street in the rain, neon reflections',
  'Macro shot: a drop of ink unfolding in clear water, 120 fps',
  'A paper boat sails down a gutter; "bon voyage" is written on its side',
  'Drone flight over terraced rice fields, mist between the hills',
  'Ein Bäcker zieht um vier Uhr früh Brote aus dem Ofen, warmes Licht, Mehl in der Luft',
  'Über den Dächern von Görlitz: Mauersegler, Abendsonne, leichte Zeitlupe',
  'Une vieille horloge s’arrête à minuit, la poussière danse dans un rayon de lune',
  'Una niña suelta un globo rojo en la plaza; la cámara lo sigue hasta las nubes',
  'Um gato dorme na janela enquanto a chuva cai sobre o telhado de zinco',
  'Pociąg parowy wjeżdża na stację, śnieg i para mieszają się w świetle latarni',
  'Старый маяк на берегу Белого моря, северное сияние, неподвижная камера',
  'Кіт на підвіконні дивиться на перший сніг 🐈❄️',
  '雨の渋谷交差点を傘の群れが行き交う、真上からの固定ショット',
  '千と一の提灯が川を流れていく、ゆっくりとパン 🏮',
  '清晨的西湖，薄雾中一叶小舟，水墨画风格',
  '한강 다리 위로 첫눈이 내린다, 시네마틱, 35mm',
  'قافلة جمال تعبر الكثبان عند الغروب، لقطة جوية بعيدة',
  'סירת דיג יוצאת לים עם אור ראשון, תנועת מצלמה איטית',
  'मॉनसून की पहली बारिश में भीगती गलियाँ, बच्चे काग़ज़ की नावें चलाते हुए',
  'ตลาดน้ำยามเช้า เรือพายผ่านแสงแดดอ่อน ๆ',
  'Hải đăng trong sương mù, sóng vỗ bờ đá, góc quay rộng',
  'Ένα παλιό καΐκι λικνίζεται στο λιμάνι, φως του απογεύματος',
  'Işıkların altında dönen bir derviş, yavaş çekim, duman',
  '🚀 launch seen from a beach, crowd cheering 🎉, lens flare, 9:16',
  'Split screen\nleft: the same street in 1920\nright: today\tmatching camera move',
  'Title card reading "C:\\temp\\final_v2 (really)" dissolves into sand',
]

/** Prompts the simulator answers with a particular mishap; see its list of outcomes. */
const MISHAPS: readonly { readonly weight: number; readonly word: string }[] = [
  { weight: 7, word: '[sim:fail]' },
  { weight: 4, word: '[sim:filtered]' },
  { weight: 3, word: '[sim:moderated]' },
  { weight: 4, word: '[sim:poll-500]' },
  { weight: 2, word: '[sim:slow]' },
  { weight: 1, word: '[sim:download-404]' },
  // These strike once, and the next attempt goes well …
  { weight: 3, word: '[sim:busy-once]' },
  { weight: 2, word: '[sim:http-500-once]' },
  { weight: 1, word: '[sim:reset-once]' },
  { weight: 1, word: '[sim:garbage-once]' },
  // … and these each attempt, until the job is given up.
  { weight: 2, word: '[sim:http-500]' },
  { weight: 1, word: '[sim:unknown-status]' },
  { weight: 0.5, word: '[sim:bad-parameter]' },
]

/**
 * Mishaps among the first jobs of a run, by the number of the job, so that a fresh panel has warnings, errors and stacks to
 * show within its first minutes.
 */
const EARLY_MISHAPS: ReadonlyMap<number, string> = new Map([
  [2, '[sim:http-500]'],
  [3, '[sim:poll-500]'],
  [4, '[sim:fail]'],
  [6, '[sim:moderated]'],
  [8, '[sim:download-404]'],
  [10, '[sim:garbage-once]'],
  [13, '[sim:filtered]'],
])

/** The simulator lets a seventh of the jobs go wrong by itself, as a real provider does; this comes on top. */
const MISHAP_SHARE = 0.05

/** The prompt of the `number`-th job of this run, from 1. */
export function choosePrompt(random: Random, number: number): string {
  const prompt = random.pick(PROMPTS)
  const mishap =
    EARLY_MISHAPS.get(number) ?? (random.chance(MISHAP_SHARE) ? random.pickWeighted(MISHAPS).word : undefined)
  return mishap === undefined ? prompt : `${prompt} ${mishap}`
}
