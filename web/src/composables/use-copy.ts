import { ref, type Ref } from 'vue';

/** Puts a text on the clipboard. `said` is what came of it, in a word or two; empty before. `isRefused`: the reader must select it. */
export function useCopy(): { said: Ref<string>; isRefused: Ref<boolean>; copy: (text: string) => Promise<void> } {
  const said = ref('');
  const isRefused = ref(false);

  async function copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      said.value = 'Copied';
      isRefused.value = false;
    } catch {
      // Browsers refuse on plain http: the text is selectable.
      said.value = 'Select and copy it';
      isRefused.value = true;
    }
  }

  return { said, isRefused, copy };
}
