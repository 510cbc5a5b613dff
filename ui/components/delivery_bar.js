// One message's deliveries as a bar of segments. All words and figures come ready from Python.
export default {
  template: `
    <div class="dbar" :class="{ 'dbar-plain': plain }" @mouseenter="hover(true)" @mouseleave="hover(false)">
      <button v-if="!plain" ref="button" type="button" class="dbar-button" :aria-label="name"
        :aria-expanded="expanded ? 'true' : 'false'" :aria-controls="controls" :aria-describedby="wordsId"
        @click="$emit('toggle')" @focus="focus" @blur="focused = false">
        <span class="dbar-row">
          <span class="dbar-title">{{ title }}</span>
          <span class="dbar-headline">{{ tally.headline }}</span>
          <svg class="dbar-chevron" viewBox="0 0 18 18" aria-hidden="true"><path d="m5 7 4 4 4-4" fill="none"
            stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" /></svg>
        </span>
        <span class="dbar-track" :class="{ 'has-some': tally.rows.length }">
          <i v-for="row in tally.rows" :key="row.state" :class="'state-' + row.state" :style="{ flexGrow: row.count }" />
        </span>
      </button>
      <div v-else class="dbar-track" :class="{ 'has-some': tally.rows.length }" role="img"
        :aria-label="name + ': ' + tally.words">
        <i v-for="row in tally.rows" :key="row.state" :class="'state-' + row.state" :style="{ flexGrow: row.count }" />
      </div>
      <div v-if="shown" ref="card" class="dbar-card" role="tooltip" :class="{ 'is-above': above, 'is-end': end }">
        <table role="presentation">
          <tr v-for="row in tally.rows" :key="row.state">
            <th><span><i class="swatch" :class="'state-' + row.state" />{{ row.label }}</span></th>
            <td>{{ row.number }}</td><td>{{ row.share }}</td>
          </tr>
        </table>
      </div>
      <span v-if="!plain" :id="wordsId" class="sr-only">{{ tally.words }}</span>
    </div>
  `,
  emits: ["toggle"],
  props: {
    tally: { type: Object, required: true },
    name: { type: String, required: true },
    title: String,
    expanded: Boolean,
    controls: String,
    plain: Boolean,
  },
  data() {
    return { hovered: false, focused: false, above: false, end: false, wordsId: `tally-${this.$.uid}` };
  },
  computed: {
    shown() {
      return (this.hovered || this.focused) && !this.expanded && this.tally.rows.length > 0;
    },
  },
  watch: {
    async shown(shown) {
      const listen = shown ? document.addEventListener : document.removeEventListener;
      listen.call(document, "keydown", this.escape);
      this.above = this.end = false;
      if (!shown) return;
      await this.$nextTick();
      const box = this.$refs.card?.getBoundingClientRect();
      if (!box) return;
      this.above = box.bottom > innerHeight && box.height < this.$el.getBoundingClientRect().top;
      this.end = box.right > innerWidth;
    },
  },
  beforeUnmount() {
    document.removeEventListener("keydown", this.escape);
  },
  methods: {
    hover(on) {
      this.hovered = on;
    },
    focus() {
      this.focused = this.$refs.button.matches(":focus-visible");
    },
    escape(event) {
      if (event.key === "Escape") this.hovered = this.focused = false;
    },
  },
};
