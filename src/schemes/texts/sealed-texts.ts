import { markForSealing } from '../../cipher/marked.ts'
import type { ContentLevel } from '../doctrine.ts'

/** Marks a text to be sealed if it may identify a person, which is the level that a magistrate authorises. */
export function sealedText(schemeId: string, level: ContentLevel | null | undefined, text: string): string {
  return level === 'precise' ? markForSealing(schemeId, 'text', text) : text
}
