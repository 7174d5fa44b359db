import { BUSINESS } from './business.ts'
import { MESSAGES } from './messages.ts'
import { MONEY } from './money.ts'
import { TRACES } from './traces.ts'

/** What the chamber holds of a person, in the order of the file. */
export const SECTIONS = [...BUSINESS, ...MONEY, ...MESSAGES, ...TRACES]
