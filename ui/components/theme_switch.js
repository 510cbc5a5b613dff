export default {
  template: `
    <fieldset class="theme" aria-label="Theme">
      <label v-for="[value, label] in choices" :key="value">
        <input type="radio" :name="name" :value="value" v-model="choice" @change="choose" />{{ label }}
      </label>
    </fieldset>
  `,
  data() {
    return {
      choices: [["light", "Light"], ["dark", "Dark"], ["auto", "Auto"]],
      choice: window.theme.get(),
      name: `theme-${this.$.uid}`,
    };
  },
  mounted() {
    window.theme.paint();
  },
  methods: {
    choose() {
      window.theme.set(this.choice);
    },
  },
};
