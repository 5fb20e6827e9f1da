/** Turns the text of one option or positional into its value, or says what is wrong with it. Used by the surfaces. */
import { MomoError } from "../errors.ts";
import { didYouMean } from "../model/nearest.ts";
import type { IntegerOption, Option } from "./command.ts";

interface Text {
  /** How the value is called where it was given: `--limit`, `QUERY`. */
  name: string;
  text: string;
}

function range({ min, max }: IntegerOption): string {
  if (min !== undefined && max !== undefined) return `give a whole number from ${min} to ${max}`;
  if (min !== undefined) return `give a whole number, ${min} or more`;
  if (max !== undefined) return `give a whole number, ${max} or less`;
  return "give a whole number";
}

function integer(option: IntegerOption, { name, text }: Text): number {
  const value = Number(text);
  const whole = /^[+-]?\d+$/.test(text) && Number.isSafeInteger(value);
  if (!whole || value < (option.min ?? -Infinity) || value > (option.max ?? Infinity))
    throw new MomoError("VALUE_INVALID", { name, value: text, hint: range(option) });
  return value;
}

/** A number from 1, also as it is shown in lists: `#7`. */
export const wholeNumber = ({ name, text }: Text): number =>
  integer({ type: "integer", value_name: name, help: "", min: 1 }, { name, text: text.replace(/^#/, "") });

/** One of the choices, in whatever case it was written. */
export function choose<C extends string>(choices: readonly C[], { name, text }: Text): C {
  const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (found === undefined)
    throw new MomoError("VALUE_INVALID", { name, value: text, hint: didYouMean(text, choices) });
  return found;
}

function parseJson({ name, text }: Text): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MomoError("VALUE_INVALID", { name, value: text.slice(0, 60), hint: "give JSON" });
  }
}

/** An array for `strings` and `integers`, to be added to what is there already. */
export function readValue(option: Option, given: Text): unknown {
  switch (option.type) {
    case "json":
      return parseJson(given);
    case "integer":
      return integer(option, given);
    case "integers":
      return given.text.split(",").map((text) => wholeNumber({ ...given, text: text.trim() }));
    case "strings": {
      const { choices, spellings = {} } = option;
      if (!choices) return [given.text];
      const texts = given.text.split(",").map((text) => text.trim());
      return texts.map(
        (text) => spellings[text.toLowerCase()] ?? choose(choices, { name: given.name, text }),
      );
    }
    case "string":
      return option.choices ? choose(option.choices, given) : given.text;
    case "boolean":
      throw new MomoError("VALUE_INVALID", {
        name: given.name,
        value: given.text,
        hint: "it takes no value",
      });
  }
}
