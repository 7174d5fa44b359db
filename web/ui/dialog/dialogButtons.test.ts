import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const web = join(import.meta.dirname, '../..')
const sources = globSync('**/*.tsx', { cwd: web }).map((file) => ({
  file,
  text: readFileSync(join(web, file), 'utf8'),
}))

/** Dialogs without a choice, or whose buttons are those of the page that they show. */
const OTHERS: Readonly<Record<string, string>> = {
  'console/shell/sign-in/GiveFactor.tsx': 'a step of signing in, with the button of those steps',
  'console/shell/sign-in/SignInAgain.tsx': 'one button, which cannot be left',
  'console/shell/lock/LockScreen.tsx': 'a step of signing in, which cannot be left',
  'console/shell/rail/NavDrawer.tsx': 'a menu',
  'console/palette/Palette.tsx': 'a search: each result is its own act',
  'console/palette/KeysDialog.tsx': 'a list',
  'phones/HandsetDrawer.tsx': 'a simulated phone',
  'console/members/member/MemberDrawer.tsx': 'a page beside the list',
  'console/members/changes/ChangesDrawer.tsx': 'a list',
  'console/dues/statements/Statements.tsx': 'a page: each line of a statement has its own acts',
  'console/dues/account/AccountDrawer.tsx': 'a page; its forms have their buttons',
  'console/room/order/OrderSheet.tsx': 'a sheet for others, which are checked themselves',
}
/** Components that may end a dialog: its buttons in the one order, or those of a message that is sent by holding. */
const FOOT = /<(DialogButtons|SendActions|Departing)\b/

test('every dialog ends with the buttons of all dialogs', () => {
  const dialogs = sources.filter(({ text }) => /<(Modal|Drawer|OrderSheet)\b/.test(text))
  expect(dialogs.length).toBeGreaterThan(20)
  const without = dialogs.filter(({ text }) => !FOOT.test(text)).map(({ file }) => file)
  expect(without.sort()).toEqual(Object.keys(OTHERS).sort())
})

/** One line of a page, in the same order. */
const LINES = [
  'console/dues/statements/SplitLine.tsx',
  'console/room/text/Remarks.tsx',
  'console/schemes/NewScheme.tsx',
  'console/series/Series.tsx',
]

test('no form has a button of its own to be left by', () => {
  const own = sources.filter(
    ({ file, text }) =>
      file !== 'ui/dialog/DialogButtons.tsx' &&
      file !== 'console/room/order/SendActions.tsx' &&
      /<Button\b[^<]*>\s*\{t\('(confirm\.back|action\.cancel|dues\.cancel|join\.back)'\)\}\s*<\/Button>/.test(
        text,
      ),
  )
  expect(own.map(({ file }) => file).sort()).toEqual(LINES)
})

test('the button that acts is filled, so that Ctrl+Enter finds it', () => {
  const found = sources.flatMap(({ file, text }) =>
    [...text.matchAll(/<DialogButtons\b(?:(?!<\/DialogButtons>)[\s\S])*<\/DialogButtons>/g)].map(
      ([dialog]) => ({
        file,
        // Takes the acts, which follow the opening tag, without those that lead.
        acts: dialog.slice(Math.max(dialog.lastIndexOf('<Button'), dialog.lastIndexOf('<SubmitButton'))),
      }),
    ),
  )
  expect(found.length).toBeGreaterThan(20)
  expect(found.filter(({ acts }) => /variant="/.test(acts)).map(({ file }) => file)).toEqual([])
})
