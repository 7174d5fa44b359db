import { Table, VisuallyHidden } from '@mantine/core'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { needsApproval } from '../../../../src/alerts/compose/doctrine.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import { CategoryName } from '../../../ui/format/severity.tsx'
import { useText } from '../../../ui/format/text.ts'
import { levels } from '../../room/doctrine/doctrine.ts'
import classes from '../Settings.module.css'

/** Shows the effect of the rules: for each category and level, whether a second person must approve. */
export function ApprovalTable(props: { scheme: SchemeView; rules: DoctrineSettings['approval'] }) {
  const { t } = useText()
  return (
    <div className={classes.outcome}>
      <Table className={classes.matrix ?? ''} verticalSpacing={6} horizontalSpacing={8}>
        <Table.Caption className={classes.caption ?? ''}>{t('settings.outcome')}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('settings.rule.categories')}</Table.Th>
            {levels.map((level) => (
              <Table.Th key={level} scope="col">
                {t(`doctrine.level.${level}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.scheme.categories.map((category) => (
            <Table.Tr key={category.code}>
              <Table.Th scope="row">
                <CategoryName category={category} />
              </Table.Th>
              {levels.map((level) => {
                const isNeeded = needsApproval(
                  { approval: props.rules },
                  { categoryCode: category.code, severity: category.severity, doctrine: { level } },
                )
                return (
                  <Table.Td key={level} data-needed={isNeeded || undefined}>
                    {isNeeded ? <IconUsers size={18} stroke={1.8} aria-hidden /> : <span aria-hidden>–</span>}
                    <VisuallyHidden>
                      {t(isNeeded ? 'settings.outcome.two' : 'settings.outcome.one')}
                    </VisuallyHidden>
                  </Table.Td>
                )
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
