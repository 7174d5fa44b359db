import { Button, Checkbox, Popover, Stack } from '@mantine/core'
import IconColumns3 from '@tabler/icons-react/icons/IconColumns3'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Members.module.css'
import { COLUMNS, type Column, columnInfo, setColumns } from './columns.tsx'

/** Chooses the columns of the list. */
export function ColumnsMenu(props: { columns: readonly Column[]; seesDues: boolean }) {
  const { t } = useText()
  return (
    <Popover position="bottom-end" trapFocus returnFocus transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <Button
          variant="default"
          className={classes.columns ?? ''}
          leftSection={<IconColumns3 size={16} aria-hidden />}
        >
          {t('members.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('members.columns')}>
        <Stack gap={12}>
          {COLUMNS.filter((column) => props.seesDues || column !== 'dues').map((column) => (
            <Checkbox
              key={column}
              label={t(columnInfo[column].title)}
              checked={props.columns.includes(column)}
              onChange={(event) =>
                setColumns(
                  event.currentTarget.checked
                    ? [...props.columns, column]
                    : props.columns.filter((one) => one !== column),
                )
              }
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
