// Styles of the components that the alert room needs first, in the order required by the library, after those of mantine.ts.
import '@mantine/core/styles/Paper.layer.css'
import '@mantine/core/styles/CloseButton.layer.css'
import '@mantine/core/styles/Group.layer.css'
import '@mantine/core/styles/InlineInput.layer.css'
import '@mantine/core/styles/Text.layer.css'
import '@mantine/core/styles/Checkbox.layer.css'
import '@mantine/core/styles/Chip.layer.css'
import '@mantine/core/styles/Switch.layer.css'
