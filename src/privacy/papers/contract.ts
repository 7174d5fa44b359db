import { z } from 'zod'

/** The papers that a controller keeps: record of processing, impact assessment, privacy notice. */
export const PaperName = z.enum(['register', 'dpia', 'notice'])
export type PaperName = z.infer<typeof PaperName>
