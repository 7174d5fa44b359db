import { z } from 'zod'

/** GET …/dues/calls.pdf, …/dues/letters.csv and .xlsx: who gets a letter. `no_mail`: nobody there has a mail address. */
export const LettersQuery = z.object({ who: z.enum(['owing', 'late', 'no_mail']).default('owing') })
export type LettersQuery = z.infer<typeof LettersQuery>

/** GET …/dues/letters: the letters of these members, or that of one. */
export const LetterCountQuery = LettersQuery.extend({ member: z.uuid().optional() })
export type LetterCountQuery = z.infer<typeof LetterCountQuery>
