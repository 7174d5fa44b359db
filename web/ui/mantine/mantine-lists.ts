// Styles of lists that open under a field, in the order required by the library, after those of mantine-room.ts.
import '@mantine/core/styles/ScrollArea.layer.css'
import '@mantine/core/styles/Popover.layer.css'
import '@mantine/core/styles/Combobox.layer.css'
