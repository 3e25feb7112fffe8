/// Text of a page: what comes from outside is escaped where it enters, and nowhere else.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    /// The markup.
    private(set) var markup: String

    /// Markup that is written in the program.
    init(stringLiteral value: String) { markup = value }

    init(stringInterpolation: Interpolation) { markup = stringInterpolation.markup }

    /// Pieces one after the other.
    init(_ pieces: some Sequence<HTML>) { markup = pieces.map(\.markup).joined() }

    /// The text of a file that needs no other: styles and pictures are in it, and it may load and run nothing.
    static func page(_ title: String, style: HTML, _ body: HTML) -> String {
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(style)</style>
            </head>
            <body>
            \(body)
            </body>
            </html>

            """
        return page.markup
    }

    /// Text as it is shown, in elements and in quoted attributes; control characters, which a page may not have, as U+FFFD.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { shown, scalar in
            switch scalar {
            case "&": shown += "&amp;"
            case "<": shown += "&lt;"
            case ">": shown += "&gt;"
            case "\"": shown += "&quot;"
            case "'": shown += "&#39;"
            case "\t", "\n": shown.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: shown += "\u{FFFD}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
    }

    /// Builds markup from literals, which stay as they are, and values, which are escaped unless they are markup.
    struct Interpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity) }

        mutating func appendLiteral(_ literal: String) { markup += literal }
        mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
        mutating func appendInterpolation(_ number: Int) { markup += String(number) }
        mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
    }
}
