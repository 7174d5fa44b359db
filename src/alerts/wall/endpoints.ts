import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { NewWallDisplay, WallDisplay, WallDisplayList, WallView } from './contract.ts'

const InScheme = z.object({ scheme: z.string().max(64) })

export const wallEndpoints = declareEndpoints('walls', {
  openWall: {
    method: 'POST',
    path: '/api/schemes/:scheme/walls',
    permission: 'wall.open',
    summary: 'Open a wall display in this browser for 12 hours: its cookie reads the view of the wall only',
    params: InScheme,
    body: NewWallDisplay,
    answer: WallDisplay,
    status: 201,
  },
  listWalls: {
    method: 'GET',
    path: '/api/schemes/:scheme/walls',
    permission: 'wall.open',
    summary: 'List the open wall displays',
    params: InScheme,
    answer: WallDisplayList,
  },
  closeWall: {
    method: 'DELETE',
    path: '/api/schemes/:scheme/walls/:id',
    permission: 'wall.open',
    summary: 'Close a wall display',
    params: InScheme.extend({ id: z.uuid() }),
  },
  readWall: {
    method: 'GET',
    path: '/api/wall',
    permission: 'wall',
    summary: 'Get what the wall display of this browser shows',
    answer: WallView,
  },
})
