// The charts of a campaign, each with a table for readers. All words, figures and outlines come ready from Python.
const SrTable = {
  template: `
    <table class="sr-only">
      <caption>{{ table.title }}</caption>
      <thead><tr><th v-for="head in table.heads" :key="head" scope="col">{{ head }}</th></tr></thead>
      <tbody><tr v-for="(row, line) in table.rows" :key="line">
        <th scope="row">{{ row[0] }}</th><td v-for="(cell, place) in row.slice(1)" :key="place">{{ cell }}</td>
      </tr></tbody>
    </table>
  `,
  props: { table: { type: Object, required: true } },
};

const Key = {
  template: `
    <ul class="chart-key" aria-hidden="true">
      <li v-for="one in entries" :key="one.state"><i class="swatch" :class="'state-' + one.state" /><span>{{ one.words }}</span></li>
    </ul>
  `,
  props: { entries: { type: Array, required: true } },
};

const Axis = {
  template: `
    <div class="chart-axis" aria-hidden="true">
      <template v-if="axis"><span>{{ axis.from }}</span><span>{{ axis.until }}</span><span class="chart-top">{{ axis.top }}</span></template>
    </div>
  `,
  props: { axis: Object },
};

export default {
  components: { SrTable, Key, Axis },
  template: `
    <section v-if="progress" class="charts" :aria-labelledby="headingId">
      <h2 :id="headingId">Charts</h2>
      <div class="charts-grid">
        <figure class="panel chart chart-wide">
          <figcaption>{{ progress.over_time.table.title }}</figcaption>
          <Key :entries="progress.over_time.key" />
          <svg class="chart-area" :viewBox="progress.over_time.box" preserveAspectRatio="none" aria-hidden="true">
            <path v-for="area in progress.over_time.areas" :key="area.band" :class="'area-' + area.band" :d="area.path" />
          </svg>
          <Axis :axis="progress.over_time.axis" />
          <SrTable :table="progress.over_time.table" />
        </figure>
        <figure class="panel chart">
          <figcaption>By hour</figcaption>
          <Key :entries="progress.by_hour.key" />
          <div class="chart-bars" aria-hidden="true">
            <div v-for="(pair, hour) in progress.by_hour.pairs" :key="hour" class="chart-pair" :title="pair.words">
              <i class="bar-sent" :style="{ height: pair.sent + '%' }" /><i class="bar-delivered" :style="{ height: pair.delivered + '%' }" />
            </div>
          </div>
          <Axis :axis="progress.by_hour.axis" />
          <SrTable :table="progress.by_hour.table" />
        </figure>
        <figure class="panel chart">
          <figcaption>By error</figcaption>
          <ul v-if="errors.length" class="chart-errors">
            <li v-for="error in errors" :key="error.title">
              <span class="chart-error">{{ error.title }}</span><b class="num">{{ error.number }}</b>
              <div class="chart-track" aria-hidden="true"><i :style="{ width: error.width + '%' }" /></div>
            </li>
          </ul>
          <p v-else class="muted chart-none">No errors. Every text that was answered was accepted.</p>
        </figure>
      </div>
    </section>
  `,
  props: { progress: Object, errors: { type: Array, default: () => [] } },
  data() {
    return { headingId: `charts-${this.$.uid}` };
  },
};
