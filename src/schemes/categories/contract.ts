import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { ChangeReason, Proposed } from '../../settings/contract.ts'
import { CategoryView } from '../contract.ts'
import { CategoryArea, CategoryLevel, SeverityName } from '../doctrine.ts'

/** Maximum number of categories in use in one scheme. */
export const MAX_CATEGORIES = 40

const Label = z.string().trim().min(1).max(80)

/** The fields of a category that the chamber edits; the schema of a scheme file has the same (file/contract.ts). */
export const CategoryFields = z.object({
  labelFr: Label,
  /** Empty: the French name; refused in a scheme that writes its names in English too. */
  labelEn: z.string().trim().max(80),
  severity: SeverityName,
  template: z.string().trim().min(1).max(300),
  level: CategoryLevel,
  area: CategoryArea.nullable(),
})
export type CategoryFields = z.infer<typeof CategoryFields>

export const CategoryItem = CategoryView.extend({
  /** False: taken out of use. Its alerts keep it; no new one gets it. */
  active: z.boolean(),
  /** Incremented with every change in the console. */
  version: z.number(),
})
export type CategoryItem = z.infer<typeof CategoryItem>

/** GET /api/schemes/:scheme/categories: those in use by position, then the others by name. */
export const CategoryList = z.object({
  categories: z.array(CategoryItem),
  /** A commune for examples of their texts: the most populous of the territory; empty: none is known. */
  example: z.string(),
})
export type CategoryList = z.infer<typeof CategoryList>

export const CategoriesSaved = CategoryList.extend({ proposed: Proposed })
export type CategoriesSaved = z.infer<typeof CategoriesSaved>

/** POST /api/schemes/:scheme/categories */
export const NewCategory = CategoryFields.extend({
  /** Chosen by the client, so that the same request can be sent again after a lost answer. */
  id: ClientId.optional(),
  reason: ChangeReason.optional(),
})
export type NewCategory = z.infer<typeof NewCategory>

/** PATCH /api/schemes/:scheme/categories/:code; `active` takes it out of use, or puts it back. */
export const CategoryChange = CategoryFields.partial().extend({
  active: z.boolean().optional(),
  /** Version of the category that was read: the change is refused if it has another one by now. */
  version: z.int32().optional(),
  reason: ChangeReason.optional(),
})
export type CategoryChange = z.infer<typeof CategoryChange>

/** PUT /api/schemes/:scheme/category-order: the codes of every category in use, the first nine with the keys 1 to 9. */
export const CategoryOrder = z.object({ codes: z.array(z.string().max(60)).max(MAX_CATEGORIES) })

nameSchemas({ CategoriesSaved, CategoryChange, CategoryItem, CategoryList, CategoryOrder, NewCategory })
