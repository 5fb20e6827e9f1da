import { describe, expect, it } from "vitest";
import { hashHigh, hashLow, hashText, splitIdentifier, stem, termsOf } from "./words.ts";

describe("splitIdentifier", () => {
  it.each([
    ["parseHTTPResponse2", ["parse", "http", "response", "2"]],
    ["get_user_id", ["get", "user", "id"]],
    ["XMLParser", ["xml", "parser"]],
    ["$scope", ["scope"]],
    ["__init__", ["init"]],
    ["ПриветМир", ["приветмир"]],
    ["_", []],
  ])("%s", (word, parts) => {
    expect(splitIdentifier(word)).toEqual(parts);
  });
});

describe("stem", () => {
  // Pairs from Porter's paper.
  it.each([
    ["caresses", "caress"],
    ["ponies", "poni"],
    ["agreed", "agre"],
    ["plastered", "plaster"],
    ["motoring", "motor"],
    ["hopping", "hop"],
    ["falling", "fall"],
    ["filing", "file"],
    ["happy", "happi"],
    ["relational", "relat"],
    ["vietnamization", "vietnam"],
    ["triplicate", "triplic"],
    ["hopefulness", "hope"],
    ["adjustment", "adjust"],
    ["adoption", "adopt"],
    ["controll", "control"],
    ["rate", "rate"],
    ["cease", "ceas"],
  ])("%s -> %s", (word, expected) => {
    expect(stem(word)).toBe(expected);
  });
});

describe("termsOf", () => {
  it("gives parts, the whole and neighbours of a compound", () => {
    expect(termsOf("getUserName").map(({ text }) => text)).toEqual([
      "get",
      "user",
      "name",
      "=getusername",
      "~getuser",
      "~username",
    ]);
  });

  it("gives the word itself of a single part", () => {
    expect(termsOf("Handlers").map(({ text }) => text)).toEqual(["handler", "=handler", "!handlers"]);
  });
});

describe("hashText", () => {
  it("keeps 200,000 similar words apart in 64 bits", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 200_000; i++) {
      hashText(`word${i.toString(36)}`);
      seen.add(`${hashLow}:${hashHigh}`);
    }
    expect(seen.size).toBe(200_000);
  });
});
