import { ApiError, callApi, patternOf } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { formatMessage } from '../../../ui/format/text.ts'
import { toast } from '../../../ui/toasts/toast.ts'

/** Files that the server gives to users only who proved who they are a moment ago. */
const FILES = [
  patternOf('downloadDebitFile'),
  patternOf('exportAccounting'),
  patternOf('exportAudit'),
  patternOf('exportDeliveries'),
  patternOf('exportInstallationAudit'),
  patternOf('exportJournal'),
  patternOf('exportMembersCsv'),
  patternOf('exportMembersXlsx'),
].map((path) => new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`))

const passed = new WeakSet<Element>()

/** Checks the factor before the browser follows a link to a file: a refusal would be saved in its place. */
function askBeforeFile(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || !FILES.some((file) => file.test(link.pathname)) || passed.delete(link)) return
  event.preventDefault()
  event.stopPropagation()
  callApi('checkFactor').then(
    () => {
      passed.add(link)
      link.click()
    },
    (error: unknown) => {
      // A user who did not give the factor knows why there is no file.
      if (!isRefusal(error, 'factor_due'))
        void toast(error instanceof ApiError ? error.message : formatMessage('error.unexpected'))
    },
  )
}

/** Has each link to such a file ask for a factor first. @returns a function that ends it */
export function watchFileLinks(): () => void {
  document.addEventListener('click', askBeforeFile, true)
  return () => document.removeEventListener('click', askBeforeFile, true)
}
