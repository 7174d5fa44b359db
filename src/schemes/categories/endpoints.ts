import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../contract.ts'
import { CategoriesSaved, CategoryChange, CategoryList, CategoryOrder, NewCategory } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })

export const categoryEndpoints = declareEndpoints('schemes', {
  listCategories: {
    method: 'GET',
    path: '/api/schemes/:scheme/categories',
    permission: 'doctrine.read',
    summary: 'List the categories of a scheme with their texts, also those taken out of use',
    params: InScheme,
    answer: CategoryList,
  },
  addCategory: {
    method: 'POST',
    path: '/api/schemes/:scheme/categories',
    permission: 'doctrine.set',
    needsFactor: true,
    summary: 'Propose a category; another account puts it in force',
    params: InScheme,
    body: NewCategory,
    answer: CategoriesSaved,
  },
  changeCategory: {
    method: 'PATCH',
    path: '/api/schemes/:scheme/categories/:code',
    permission: 'doctrine.set',
    needsFactor: true,
    summary:
      'Change a category, take it out of use or put it back; its names and initial area at once, the rest by two persons',
    params: InScheme.extend({ code: z.string().max(60) }),
    body: CategoryChange,
    answer: CategoriesSaved,
  },
  orderCategories: {
    method: 'PUT',
    path: '/api/schemes/:scheme/category-order',
    permission: 'doctrine.set',
    summary: 'Order the categories in use; the first nine have the keys 1 to 9',
    params: InScheme,
    body: CategoryOrder,
    answer: CategoryList,
  },
})
