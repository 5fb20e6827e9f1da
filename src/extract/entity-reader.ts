/**
 * Makes entities of the positions a definition was found at: its lines, signature, decorators and doc comment are read
 * from the text. Knows nothing of scopes or of other definitions. Used by walk.ts.
 */
import type { Entity, EntityType, Parameter } from "../model/outline.ts";
import { type CommentStyle, commentAbove, withoutComments } from "./comments.ts";
import { collapse, type DecoratorStyle, headLimit, isBlank, readDecorators, skipComments } from "./head.ts";
import type { Lines } from "./lines.ts";

/** A definition as it stands in the text. */
export interface WrittenDefinition {
  type: EntityType;
  name: string;
  /** First character, decorators and modifiers included. */
  start: number;
  /** Index after the last character. */
  end: number;
  nameStart: number;
  /** Where the signature stops: first character of the body; `end` when there is none. */
  headEnd: number;
  parameters?: Parameter[] | undefined;
  returns?: string | undefined;
  /** When the language has docstrings of its own; else the comment above is taken. */
  docstring?: string | undefined;
  /** When the text up to `headEnd` does not say enough. */
  signature?: string;
}

/** One name of an import or export statement; `start` and `end` are those of the whole statement. */
export interface WrittenName {
  type: "import" | "export";
  name: string;
  signature: string;
  start: number;
  end: number;
}

/** How a language writes what stands before its definitions. */
export interface LeadStyle {
  comments: CommentStyle;
  decorators?: DecoratorStyle;
}

export class EntityReader {
  readonly #text: string;
  readonly #lines: Lines;
  readonly #style: LeadStyle;
  #attributes = { start: -1, end: -1 };
  #prefix = { start: -1, until: -1 };

  constructor(text: string, lines: Lines, style: LeadStyle) {
    this.#text = text;
    this.#lines = lines;
    this.#style = style;
  }

  /** Says that a decorator stands at these positions, for grammars in which it is no part of what it decorates. */
  attribute(start: number, end: number): void {
    const { end: before } = this.#attributes;
    const follows = before >= 0 && before <= start && this.#onlyComments(before, start);
    this.#attributes = { start: follows ? this.#attributes.start : start, end };
  }

  #onlyComments(from: number, to: number): boolean {
    if (isBlank(this.#text, from, to)) return true;
    return to - from < 2000 && skipComments(this.#text, from, this.#style.comments) >= to;
  }

  /** Says that the definition which starts at `until` starts at `start`: `template <…>` stands before it. */
  startWith(start: number, until: number): void {
    this.#prefix = { start: this.#prefix.until === start ? this.#prefix.start : start, until };
  }

  /** The comment above the line of `index`; none when something else stands before it on that line. */
  docAbove(index: number): string | undefined {
    const line = this.#lines.lineOf(index);
    const lineStart = this.#lines.start(line);
    if (index - lineStart > 1000 || !isBlank(this.#text, lineStart, index)) return undefined;
    return commentAbove(this.#lines, line, this.#style.comments);
  }

  definition(definition: WrittenDefinition, qualified: string): Entity {
    const lead = this.#lead(definition.start);
    const nameLine = this.#lines.lineOf(definition.nameStart);
    const entity: Entity = {
      name: definition.name,
      qualified,
      type: definition.type,
      start_line: this.#lines.lineOf(lead.start) + 1,
      end_line: this.#lines.lastLine(definition.end) + 1,
      name_line: nameLine + 1,
      indent: this.#lines.indentOf(nameLine),
      signature: collapse(definition.signature ?? this.#signature(definition, lead.headStart)),
    };
    const docstring = definition.docstring ?? this.docAbove(lead.start);
    if (docstring !== undefined) entity.docstring = docstring;
    if (lead.decorators.length > 0) entity.decorators = lead.decorators;
    if (definition.parameters) entity.parameters = definition.parameters;
    if (definition.returns) entity.return_annotation = definition.returns;
    return entity;
  }

  /** The head on one line; of a variable only its first line, because what follows is its value. */
  #signature(definition: WrittenDefinition, headStart: number): string {
    let head = this.#text.slice(headStart, Math.min(definition.headEnd, headStart + headLimit)).trim();
    if (definition.type === "variable")
      head = head.replace(/[\r\n][\s\S]*$/, "").replace(/(?:\s*(?:=>|[={[(;,]))+$/, "");
    if (head.includes("\n")) head = withoutComments(head, this.#style.comments);
    return head.replace(/\s*(?:=>|[{;,=\\])$/, "");
  }

  /** Decorators that stand before the definition, and where the definition starts with and without them. */
  #lead(inner: number): { start: number; headStart: number; decorators: string[] } {
    const start = this.#prefix.until === inner ? this.#prefix.start : inner;
    const style = this.#style.decorators;
    if (style === undefined) return { start, headStart: start, decorators: [] };
    const { start: from, end } = this.#attributes;
    const belongs = from >= 0 && from <= start && end <= start && this.#onlyComments(end, start);
    const first = belongs ? from : start;
    const { comments } = this.#style;
    const { decorators, end: headStart } = readDecorators(this.#text, first, { style, comments });
    return { start: first, headStart: Math.max(headStart, first), decorators };
  }

  /** An import or export: the line it stands on, and the statement as its signature. */
  name({ type, name, signature, start, end }: WrittenName): Entity {
    const line = this.#lines.lineOf(start);
    return {
      name,
      qualified: name,
      type,
      start_line: line + 1,
      end_line: this.#lines.lastLine(end) + 1,
      name_line: line + 1,
      indent: this.#lines.indentOf(line),
      signature: collapse(signature),
    };
  }
}
