import Pipeline
import Retrieval

/// What a head or the raw features find.
struct EvaluatedHead {
    let head: String
    let retrieval: EvaluatedRetrieval
    let confusions: [Confusion]
}

/// An evaluation for people.
struct EvaluationText {
    let classNames: [String]
    let hasIntervals: Bool

    /// One head with its worst classes and confusions, so many as are given, or several heads side by side.
    func text(_ found: [EvaluatedHead], _ classes: Int?, _ confusions: Int?) -> String {
        guard found.count == 1 else { return comparison(found) }
        return [
            metrics(found[0].retrieval), classes.map { worst($0, found[0].retrieval) } ?? "",
            confusions.map { pairs($0, found[0].confusions) } ?? "",
        ].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func metrics(_ retrieval: EvaluatedRetrieval) -> String {
        guard hasIntervals else { return MetricsTable.text(retrieval.metrics) }
        let intervals = retrieval.intervals()
        var table = TextTable([("metric", .left), ("value", .right), ("95 % interval", .left)])
        for (name, value) in MetricsTable.named(retrieval.metrics) {
            table.add([name, Formats.metric(value), Self.text(intervals[MetricsTable.key(name)], Formats.metric)])
        }
        return table.text
    }

    /// The first head's metrics, then those of every other with the change, and the change's interval.
    private func comparison(_ found: [EvaluatedHead]) -> String {
        var columns: [(String, TextTable.Alignment)] = [("metric", .left), (found[0].head, .right)]
        for head in found.dropFirst() {
            columns += [(head.head, .right), ("change", .right)] + (hasIntervals ? [("95 % interval", .left)] : [])
        }
        var table = TextTable(columns)
        let changes = found.dropFirst().map {
            hasIntervals ? $0.retrieval.intervals(ofChangesFrom: found[0].retrieval) : nil
        }
        let values = found.map { MetricsTable.named($0.retrieval.metrics) }
        for (row, (name, first)) in values[0].enumerated() {
            var cells = [name, Formats.metric(first)]
            for (column, other) in values.dropFirst().enumerated() {
                cells += [Formats.metric(other[row].1), Formats.change(other[row].1 - first)]
                if let intervals = changes[column] {
                    cells.append(Self.text(intervals[MetricsTable.key(name)], Formats.change))
                }
            }
            table.add(cells)
        }
        return table.text
    }

    private func worst(_ count: Int, _ retrieval: EvaluatedRetrieval) -> String {
        var table = TextTable([
            ("class", .left), ("queries", .right), ("precision@1", .right), ("R-precision", .right), ("MAP@R", .right),
        ])
        let classes = retrieval.byClass.sorted {
            ($0.value.meanAveragePrecisionAtR, $0.key) < ($1.value.meanAveragePrecisionAtR, $1.key)
        }
        for (label, metrics) in classes.prefix(count) {
            table.add([
                classNames[label], "\(metrics.queries)", Formats.metric(metrics.precisionAt1),
                Formats.metric(metrics.rPrecision), Formats.metric(metrics.meanAveragePrecisionAtR),
            ])
        }
        return table.text
    }

    private func pairs(_ count: Int, _ confusions: [Confusion]) -> String {
        guard !confusions.isEmpty else { return "no query is nearest to a picture of another class" }
        var table = TextTable([("class", .left), ("is nearest to", .left), ("queries", .right)])
        for confusion in confusions.prefix(count) {
            table.add([
                classNames[confusion.pair.label], classNames[confusion.pair.found], "\(confusion.count)",
            ])
        }
        return table.text
    }

    private static func text(_ interval: ClosedRange<Double>?, _ format: (Double) -> String) -> String {
        interval.map { "\(format($0.lowerBound)) to \(format($0.upperBound))" } ?? ""
    }
}
