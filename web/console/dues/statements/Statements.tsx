import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { FileDrop } from '../../../ui/fields/FileDrop.tsx'
import { dayOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from '../Dues.module.css'
import { statementQuery, statementsQuery } from '../queries.ts'
import { Statement } from './Statement.tsx'

const ACCEPTED = '.xml,.csv,.txt,.asc,.dat,.cfo,.120'

/** Takes the statements of the bank, from which payments are recorded. */
export function Statements(props: { schemeId: string }) {
  const { t, lang } = useText()
  const { schemeId } = props
  const [opened, setOpened] = useState<string | null>(null)
  const statements = useQuery(statementsQuery(schemeId))
  const add = useAction(
    ({ file, otherAccount }: { file: File; otherAccount: boolean }) =>
      callApi('addStatement', {
        params: { scheme: schemeId },
        query: { name: file.name.slice(-200), ...(otherAccount && { otherAccount: 'true' }) },
        // Browsers give some of these files the type of a spreadsheet, or none.
        body: new Blob([file], { type: 'application/octet-stream' }),
      }),
    {
      stores: (view) => statementQuery(schemeId, view.id).queryKey,
      refresh: [statementsQuery(schemeId).queryKey],
      success: (view) =>
        view.known > 0 ? t('statements.known', { count: view.known }) : t('statements.read'),
      onSuccess: (view) => setOpened(view.id),
    },
  )
  return (
    <section className={classes.panel} aria-labelledby="releves">
      <h2 id="releves">{t('statements.title')}</h2>
      <FileDrop
        className={classes.drop}
        label={t('statements.drop')}
        choose={t('statements.choose')}
        accept={ACCEPTED}
        isBusy={add.isPending}
        variant="default"
        formats={<p className={classes.about}>{t('statements.formats')}</p>}
        onFile={(file) => add.mutate({ file, otherAccount: false })}
      >
        <p>{t('statements.drop.here')}</p>
      </FileDrop>
      <Failure error={add.failure} />
      {isRefusal(add.error, 'other_account') && add.variables !== undefined && (
        <Button
          variant="default"
          className={classes.left ?? ''}
          onClick={() => add.mutate({ file: add.variables.file, otherAccount: true })}
        >
          {t('statements.otherAccount')}
        </Button>
      )}
      {statements.isError && <Failure error={statements.error} retry={() => void statements.refetch()} />}
      {(statements.data ?? []).length > 0 && (
        <ul className={classes.list}>
          {statements.data?.map((one) => (
            <li key={one.id}>
              <span className={classes.line}>
                <b className={classes.file}>{one.file}</b>
                <span>
                  {t('statements.of', {
                    day: dayOf(lang, one.uploadedAt),
                    open: one.open,
                    unrelated: one.unrelated,
                    applied: one.applied,
                  })}
                </span>
                {one.open === 0 && <StateTag tone="good">{t('statements.finished')}</StateTag>}
                <Button
                  data-row={one.id}
                  variant="default"
                  className={classes.end ?? ''}
                  onClick={() => setOpened(one.id)}
                >
                  {t('statements.see', { file: one.file })}
                </Button>
              </span>
            </li>
          ))}
        </ul>
      )}
      {opened !== null && <StatementDialog schemeId={schemeId} id={opened} onClose={() => setOpened(null)} />}
    </section>
  )
}

/** Shows a statement in a dialog that has the name of its file. */
function StatementDialog(props: { schemeId: string; id: string; onClose: () => void }) {
  const { t } = useText()
  const { schemeId, id, onClose } = props
  const statement = useQuery(statementQuery(schemeId, id))
  return (
    <Modal
      opened
      onClose={onClose}
      size={820}
      title={t('statements.one', { file: statement.data?.file ?? '' })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Statement schemeId={schemeId} id={id} />
    </Modal>
  )
}
