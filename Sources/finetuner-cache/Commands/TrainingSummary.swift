import Foundation
import Pipeline
import Retrieval

/// What `train-head` prints: what the head is, its epochs, and metrics with the raw features, the projection and the head.
enum TrainingSummary {
    static func text(_ record: HeadRecord, classes: Int) -> String {
        [heading(record, classes), epochs(record), metrics(record)].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private static func heading(_ record: HeadRecord, _ classes: Int) -> String {
        """
        head \(record.name): \(record.inputDimension) -> \(record.outputDimension), \
        \(Formats.count(record.trainingCount, "picture")) of \(classes) classes, \(record.settings.loss), kept: \(record.kept)
        """
    }

    /// A head that was trained on scored pairs.
    static func text(ofPairs record: HeadRecord) -> String {
        let heading = """
            head \(record.name): \(record.inputDimension) -> \(record.outputDimension), \
            \(Formats.count(record.trainingCount, "pair")), \(record.settings.loss), kept: \(record.kept)
            """
        guard let pairs = record.pairs else { return [heading, epochs(record)].joined(separator: "\n") }
        var table = TextTable([
            ("held-out pairs (\(pairs.before.pairs))", .left), ("raw", .right), ("projection", .right),
            ("head", .right),
            ("change", .right),
        ])
        let rows: [(String, KeyPath<PairCorrelation, Double>)] = [
            ("Spearman", \.spearman), ("Pearson", \.pearson), ("mean squared error", \.meanSquaredError),
        ]
        for (name, value) in rows {
            let change = pairs.after[keyPath: value] - pairs.before[keyPath: value]
            table.add([
                name, Formats.metric(pairs.before[keyPath: value]),
                pairs.projection.map { Formats.metric($0[keyPath: value]) } ?? "-",
                Formats.metric(pairs.after[keyPath: value]), Formats.change(change),
            ])
        }
        return [heading, epochs(record), table.text].joined(separator: "\n")
    }

    /// The losses and the monitored metric of each epoch.
    private static func epochs(_ record: HeadRecord) -> String {
        guard record.epochs.contains(where: { $0.monitored != nil }) else {
            let losses = record.losses.map { Formats.metric(Double($0)) }.joined(separator: " ")
            return "loss per epoch: \(losses.isEmpty ? "none" : losses)"
        }
        var table = TextTable([("epoch", .right), ("loss", .right), (record.settings.monitor, .right), ("", .left)])
        for epoch in record.epochs where epoch.loss != nil || epoch.monitored != nil {
            table.add([
                "\(epoch.epoch)", epoch.loss.map { Formats.metric(Double($0)) } ?? "",
                epoch.monitored.map(Formats.metric) ?? "", mark(epoch, record),
            ])
        }
        return table.text
    }

    private static func mark(_ epoch: EpochReport, _ record: HeadRecord) -> String {
        switch record.kept {
        case .trained(let number) where number == epoch.epoch: "kept"
        case .projection where epoch.epoch == 0: "kept"
        default:
            epoch.epoch > 0 ? "" : record.settings.continuedFrom == nil ? "the projection" : "as it was"
        }
    }

    private static func metrics(_ record: HeadRecord) -> String {
        guard let before = record.before, let after = record.after else { return "" }
        let judged = before.queries + before.loneQueries
        let part = judged < record.heldOutCount ? "\(judged) of \(record.heldOutCount)" : "\(judged)"
        let manner = record.validation == .classes ? "unseen classes, " : ""
        var columns: [(String, TextTable.Alignment)] = [("held out (\(manner)\(part))", .left), ("raw", .right)]
        if record.projection != nil { columns.append(("projection", .right)) }
        var table = TextTable(columns + [("head", .right), ("change", .right)])
        let projection = record.projection.map(MetricsTable.named)
        for (index, ((name, raw), (_, value))) in zip(MetricsTable.named(before), MetricsTable.named(after))
            .enumerated()
        {
            var cells = [name, Formats.metric(raw)]
            if let projection { cells.append(Formats.metric(projection[index].1)) }
            table.add(cells + [Formats.metric(value), Formats.change(value - raw)])
        }
        return table.text
    }

    /// What queries find before and after, one table each.
    static func text(_ examples: [RetrievalExample]) -> String {
        examples.map { example in
            var table = TextTable([
                ("", .right), ("raw", .right), ("label", .left), ("path", .left), ("head", .right), ("label", .left),
                ("path", .left),
            ])
            for (before, after) in zip(example.before, example.after) {
                table.add(["\(before.rank)"] + cells(before, example) + cells(after, example))
            }
            return "\n\(Formats.visible(Formats.path(example.query)))  \(Formats.visible(example.label))\n\(table.text)"
        }.joined(separator: "\n")
    }

    /// A found picture; another label than the query's is marked.
    private static func cells(_ found: FoundPicture, _ example: RetrievalExample) -> [String] {
        let mark = found.label == example.label ? "" : "* "
        return [Formats.metric(Double(found.score)), mark + (found.label ?? "-"), Formats.path(found.path)]
    }
}
