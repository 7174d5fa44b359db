import { Checkbox, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { defaultRegions, REGIONS } from '../../../../src/identity/codes/regions.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { EnrolmentProposalForm } from '../../enrolments/EnrolmentProposalForm.tsx'
import { useEnrolmentSetting } from '../../enrolments/useEnrolmentSetting.ts'
import classes from '../Settings.module.css'
import { REGION_NAMES } from './regions.ts'

/** Sets the territories whose mobiles get codes of the scheme. */
export function Destinations(props: { schemeId: string }) {
  const { t } = useText()
  const { schemeId } = props
  const { settings, wanted, setWanted, proposal } = useEnrolmentSetting(schemeId, 'destinations', () =>
    t('settings.destinations.saved'),
  )
  const scheme = useQuery(schemeQuery(schemeId)).data
  const inForce =
    settings.data === undefined || scheme === undefined
      ? undefined
      : (settings.data.destinations ?? defaultRegions(scheme.timeZone))
  const chosen = wanted ?? inForce ?? []
  return (
    <section className={classes.card} aria-labelledby="destinations">
      <h3 id="destinations" className={classes.cardTitle}>
        {t('settings.destinations')}
      </h3>
      <p className={classes.mute}>{t('settings.destinations.what')}</p>
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {inForce !== undefined && (
        <EnrolmentProposalForm
          proposal={proposal}
          isChanged={wanted !== null && wanted.join() !== inForce.join()}
        >
          <Checkbox.Group
            label={t('settings.destinations.label')}
            value={[...chosen]}
            onChange={(values) => setWanted(REGIONS.filter((region) => values.includes(region)))}
          >
            <Stack gap={12} mt={8}>
              {REGIONS.map((region) => (
                <Checkbox
                  key={region}
                  value={region}
                  label={t(REGION_NAMES[region])}
                  disabled={proposal.isPending || (chosen.length === 1 && chosen[0] === region)}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        </EnrolmentProposalForm>
      )}
    </section>
  )
}
