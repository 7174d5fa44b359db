import { Switch } from '@mantine/core'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import { useText } from '../../../ui/format/text.ts'
import { NumberSetting, Setting, SwitchSetting, Value } from '../Setting.tsx'
import classes from '../Settings.module.css'
import { ApprovalRules, useRuleInWords } from './ApprovalRules.tsx'
import { ApprovalTable } from './ApprovalTable.tsx'
import { DoctrineForm } from './DoctrineForm.tsx'
import { UNANSWERED_PATHS, UnansweredSettings } from './UnansweredSettings.tsx'
import type { DoctrineDraft } from './useDoctrineDraft.ts'

const SAME_EVERYWHERE = [
  'settings.same.offence',
  'settings.same.guard',
  'settings.same.prosecutor',
  'settings.same.author',
  'settings.same.audit',
] as const

/** The scheme's requirements for sending an alert. */
export function DoctrineSection(props: { draft: DoctrineDraft; scheme: SchemeView }) {
  const { t } = useText()
  const { draft, scheme } = props
  const rules = draft.value('approval') as DoctrineSettings['approval']
  const inWords = useRuleInWords(scheme)
  const descriptionLevel = draft.value('descriptionLevel') as DoctrineSettings['descriptionLevel']
  const asksReason = draft.value('outsideZone') === 'reason'
  const ruleFields = rules.flatMap(({ categories }, index) => [
    `approval.${index}.categories`,
    `approval.${index}.severities`,
    ...(categories === 'all' ? [] : categories.map((_, at) => `approval.${index}.categories.${at}`)),
  ])
  return (
    <>
      <DoctrineForm
        draft={draft}
        fields={[
          'lateAfterMinutes',
          'cancelWindowSeconds',
          'nextCallSeconds',
          ...UNANSWERED_PATHS,
          ...ruleFields,
        ]}
      >
        <Setting shape="wide" name={t('settings.approval')} what={t('settings.approval.what')}>
          {() => (
            <div className={classes.approval}>
              {draft.mayChange ? (
                <ApprovalRules
                  scheme={scheme}
                  rules={rules}
                  problem={draft.problem}
                  onChange={(changed) => draft.change('approval', changed)}
                />
              ) : (
                <ul className={classes.list}>
                  {rules.map((rule) => (
                    <li key={JSON.stringify(rule)}>{inWords(rule)}</li>
                  ))}
                  {rules.length === 0 && <li>{t('settings.rules.none')}</li>}
                </ul>
              )}
              <ApprovalTable scheme={scheme} rules={rules} />
            </div>
          )}
        </Setting>
        <NumberSetting
          draft={draft}
          path="nextCallSeconds"
          name={t('settings.nextCall')}
          what={t('settings.nextCall.what')}
          unit={t('settings.unit.seconds')}
        />
        <UnansweredSettings draft={draft} />
        <SwitchSetting
          draft={draft}
          path="emergencyOverride"
          name={t('settings.override')}
          what={t('settings.override.what')}
        />
        <NumberSetting
          draft={draft}
          path="lateAfterMinutes"
          name={t('settings.late')}
          what={t('settings.late.what')}
          unit={t('settings.unit.minutes')}
        />
        <Setting name={t('settings.descriptions')} what={t('settings.descriptions.what')}>
          {(described) =>
            draft.mayChange ? (
              <Switch
                size="md"
                label={t(`settings.descriptions.${descriptionLevel}`)}
                {...described}
                checked={descriptionLevel === 'precise'}
                onChange={(event) =>
                  draft.change('descriptionLevel', event.currentTarget.checked ? 'precise' : 'established')
                }
              />
            ) : (
              <Value>{t(`settings.descriptions.${descriptionLevel}`)}</Value>
            )
          }
        </Setting>
        <Setting name={t('settings.outside')} what={t('settings.outside.what')}>
          {(described) =>
            draft.mayChange ? (
              <Switch
                size="md"
                label={t(asksReason ? 'settings.outside.reason' : 'settings.outside.free')}
                {...described}
                checked={asksReason}
                onChange={(event) =>
                  draft.change('outsideZone', event.currentTarget.checked ? 'reason' : 'free')
                }
              />
            ) : (
              <Value>{t(asksReason ? 'settings.outside.reason' : 'settings.outside.free')}</Value>
            )
          }
        </Setting>
        <SwitchSetting
          draft={draft}
          path="closingMessage"
          name={t('settings.closing')}
          what={t('settings.closing.what')}
        />
        <NumberSetting
          draft={draft}
          path="cancelWindowSeconds"
          name={t('settings.cancel')}
          what={t('settings.cancel.what')}
          unit={t('settings.unit.seconds')}
        />
      </DoctrineForm>
      <section className={classes.note} aria-labelledby="pareil-partout">
        <h3 id="pareil-partout">{t('settings.same')}</h3>
        <p className={classes.mute}>{t('settings.same.what')}</p>
        <ul className={classes.list}>
          {SAME_EVERYWHERE.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
      </section>
    </>
  )
}
