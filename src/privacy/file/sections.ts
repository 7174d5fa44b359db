import { BUSINESS } from './business.ts'
import { MESSAGES } from './messages.ts'
import { MONEY } from './money.ts'
import type { Section } from './section.ts'
import type { Subject } from './subject.ts'
import { TRACES } from './traces.ts'

/** All sections of the file of a person, in their order. */
export const SECTIONS = [...BUSINESS, ...MONEY, ...MESSAGES, ...TRACES]

/** Lists the parts of the file of a subject. */
export const sectionsFor = ({ isOfTrades }: Subject): readonly Section[] =>
  SECTIONS.filter(({ isOfChamber }) => !isOfTrades || isOfChamber !== true)
