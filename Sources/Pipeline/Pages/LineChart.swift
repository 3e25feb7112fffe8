import Foundation

/// A curve as inline SVG: values by epoch, the largest and smallest written beside it, one of them marked.
struct LineChart {
    let title: String
    let points: [(x: Int, y: Double)]
    let marked: Int?

    private static let (width, height, left, bottom, top) = (640.0, 220.0, 66.0, 26.0, 26.0)

    /// The drawing; a sentence where there is nothing to draw.
    var html: HTML {
        guard let first = points.first, let last = points.last else { return "<p>No values of \(title).</p>" }
        let values = points.map(\.y)
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        let x = { (value: Int) in
            Self.left + Double(value - first.x) / Double(max(1, last.x - first.x)) * (Self.width - Self.left - 12)
        }
        let y = { (value: Double) in
            Self.height - Self.bottom - (value - low) / (high > low ? high - low : 1)
                * (Self.height - Self.bottom - Self.top)
        }
        let path = points.enumerated().map { "\($0 == 0 ? "M" : "L")\(Self.text(x($1.x))) \(Self.text(y($1.y)))" }
            .joined()
        let lines = [low, (low + high) / 2, high].map { value -> HTML in
            """
            <line x1="\(Self.text(Self.left))" x2="\(Self.text(Self.width - 12))" y1="\(Self.text(y(value)))" y2="\(Self.text(y(value)))"/>\
            <text x="\(Self.text(Self.left - 6))" y="\(Self.text(y(value) + 4))" text-anchor="end">\(String(format: "%.4f", value))</text>
            """
        }
        let ticks = [first.x, last.x].map { value -> HTML in
            "<text x=\"\(Self.text(x(value)))\" y=\"\(Self.text(Self.height - 8))\" text-anchor=\"middle\">\(value)</text>"
        }
        let mark: HTML =
            points.first { $0.x == marked }.map { point in
                """
                <circle cx="\(Self.text(x(point.x)))" cy="\(Self.text(y(point.y)))" r="5"/>\
                <text x="\(Self.text(x(point.x)))" y="\(Self.text(y(point.y) - 9))" text-anchor="middle">kept</text>
                """
            } ?? ""
        return """
            <figure><figcaption>\(title), by epoch</figcaption>\
            <svg viewBox="0 0 \(Self.text(Self.width)) \(Self.text(Self.height))" role="img" aria-label="\(title)">\
            \(HTML(lines))\(HTML(ticks))<path d="\(path)"/>\(mark)</svg></figure>
            """
    }

    private static func text(_ number: Double) -> String { String(format: "%.1f", number) }
}
