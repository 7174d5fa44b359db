import { randomInt } from 'node:crypto'

/** Letters and digits that are not confused with each other when read aloud. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Generates random letters and digits, nearly 5 bits each, in groups with dashes between. */
export function randomLetters(groups: number, size: number): string {
  const group = () => Array.from({ length: size }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return Array.from({ length: groups }, group).join('-')
}
