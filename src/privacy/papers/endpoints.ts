import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { SchemeCode } from '../../schemes/contract.ts'
import { PaperName } from './contract.ts'

const InScheme = z.object({ scheme: SchemeCode })
const OfPaper = InScheme.extend({ paper: PaperName })

export const privacyPaperEndpoints = declareEndpoints('privacy', {
  getPaperPdf: {
    method: 'GET',
    path: '/api/schemes/:scheme/privacy/:paper/pdf',
    permission: 'retention.read',
    summary:
      'Download the record of processing, the draft impact assessment or the privacy notice, in French, as PDF',
    params: OfPaper,
    produces: 'application/pdf',
  },
  getPaperOdt: {
    method: 'GET',
    path: '/api/schemes/:scheme/privacy/:paper/odt',
    permission: 'retention.read',
    summary:
      'Download the record of processing, the draft impact assessment or the privacy notice, in French, as OpenDocument text',
    params: OfPaper,
    produces: 'application/vnd.oasis.opendocument.text',
  },
  getRegister: {
    method: 'GET',
    path: '/api/schemes/:scheme/register.md',
    permission: 'retention.read',
    summary:
      'Download the record of processing activities and a draft impact assessment, in French, as Markdown',
    params: InScheme,
    produces: 'text/markdown',
  },
})
