import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors

/// A report on a head as a page in one file: no script, nothing fetched.
public struct ReportPage: Sendable {
    private let report: HeadReport
    private let commands: [String]
    private let version: String
    private let thumbnails: Thumbnails

    private static let side = 112
    private static let (mostClasses, mostConfusions) = (200, 25)

    /// A page of `report`; `commands` make the head again, with this `version` of the program.
    public init(_ report: HeadReport, commands: [String], version: String) {
        (self.report, self.commands, self.version) = (report, commands, version)
        let paths = report.examples.flatMap { [$0.query] + ($0.before + $0.after).map(\.path) }
        thumbnails = Thumbnails(of: paths, side: Self.side)
    }

    /// The file's text.
    public var text: String {
        HTML.page(
            "Head \(report.record.name)", style: Self.style,
            """
            <h1>Head \(report.record.name)</h1>
            \(facts)
            <h2>Retrieval</h2>\(heldOut)\(everyPicture)
            <h2>Training</h2>\(curves)
            <h2>Before and after</h2>\(HTML(report.examples.map(example)))
            <h2>Classes</h2>\(classes)\(confusions)
            <h2>To make it again</h2>\(reproduction)
            """)
    }

    private var facts: HTML {
        let record = report.record
        let store = report.store
        return Self.list([
            ("leads from", "\(record.inputDimension) to \(record.outputDimension) numbers"),
            ("kept", record.kept.description),
            (
                "trained with",
                "\(record.settings.loss), \(record.trainingCount) pictures, \(record.heldOutCount) held out"
            ),
            ("finished", record.finished.ISO8601Format()), ("features", report.space.name),
            (
                "pictures",
                "\(store.pictures) listed, \(store.contents) different, \(store.labels.count) labels, \(store.failures) failures"
            ),
            ("bytes", "\(store.segmentBytes) of features, \(store.indexBytes) of the index"),
        ])
    }

    /// What the record says of pictures that did not train.
    private var heldOut: HTML {
        guard let before = report.record.before, let after = report.record.after else {
            return "<p>No picture was held out in training.</p>"
        }
        let projection = report.record.projection
        let rows = before.named.sorted { $0.key < $1.key }.map { name, value in
            [
                name, Self.number(value), projection?.named[name].map(Self.number) ?? "–",
                Self.number(after.named[name] ?? 0),
                Self.change((after.named[name] ?? 0) - value),
            ]
        }
        return """
            <h3>Pictures that did not train (\(before.queries), \(report.record.validation.description))</h3>\
            \(Self.table(["metric", "raw", "projection", "head", "change"], rows))
            """
    }

    private var everyPicture: HTML {
        let intervals = report.head.intervals(ofChangesFrom: report.raw)
        let rows = report.raw.metrics.named.sorted { $0.key < $1.key }.map { name, value in
            let after = report.head.metrics.named[name] ?? 0
            let interval =
                intervals[name].map { "\(Self.change($0.lowerBound)) to \(Self.change($0.upperBound))" } ?? ""
            return [name, Self.number(value), Self.number(after), Self.change(after - value), interval]
        }
        return """
            <h3>Every labelled picture among all others (\(report.head.metrics.queries)), those that trained too</h3>\
            \(Self.table(["metric", "raw", "head", "change", "95 % interval of the change"], rows))
            """
    }

    private var curves: HTML {
        let epochs = report.record.epochs
        let kept: Int? = if case .trained(let epoch) = report.record.kept { epoch } else { nil }
        let loss = LineChart(
            title: "loss", points: epochs.compactMap { epoch in epoch.loss.map { (epoch.epoch, Double($0)) } },
            marked: nil)
        let monitored = LineChart(
            title: report.record.settings.monitor,
            points: epochs.compactMap { epoch in epoch.monitored.map { (epoch.epoch, $0) } },
            marked: kept)
        return "<div class=\"charts\">\(loss.html)\(monitored.html)</div>"
    }

    private func example(_ example: HeadReport.Example) -> HTML {
        let change = "\(Self.number(example.change.before)) → \(Self.number(example.change.after))"
        return """
            <section><div class="query"><h3>\(example.reason)</h3>\(image(example.query, "the query"))<p><b>\(example.label)</b>\
            <small title="\(example.query)">\(example.query.fileName)</small>average precision \(change)</p></div>\
            <div>\(row("raw", example.before, example.label))\(row("head", example.after, example.label))</div></section>

            """
    }

    private func row(_ name: String, _ found: [FoundPicture], _ label: String) -> HTML {
        let cards = found.map { picture -> HTML in
            let isRight = picture.label == label
            return """
                <li class="\(isRight ? "right" : "wrong")">\(image(picture.path, picture.label ?? ""))\
                <span>\(isRight ? "✓" : "✗") \(picture.label ?? "no label") \(Self.number(Double(picture.score)))</span></li>
                """
        }
        return "<p>\(name)</p><ol>\(HTML(cards))</ol>"
    }

    private func image(_ path: String, _ text: String) -> HTML {
        guard let address = thumbnails.address(path) else { return "<div class=\"gone\">no picture</div>" }
        return "<img src=\"\(address)\" alt=\"\(text)\" loading=\"lazy\">"
    }

    private var classes: HTML {
        let (raw, head) = (report.raw.byClass, report.head.byClass)
        let sorted = head.sorted {
            ($0.value.meanAveragePrecisionAtR, $0.key) < ($1.value.meanAveragePrecisionAtR, $1.key)
        }
        let rows = sorted.prefix(Self.mostClasses).map { label, metrics in
            let before = raw[label]?.meanAveragePrecisionAtR ?? 0
            return [
                report.classNames[label], "\(metrics.queries)", Self.number(before),
                Self.number(metrics.meanAveragePrecisionAtR),
                Self.change(metrics.meanAveragePrecisionAtR - before), Self.number(metrics.precisionAt1),
            ]
        }
        let rest: HTML =
            sorted.count > Self.mostClasses ? "<p>and \(sorted.count - Self.mostClasses) better ones</p>" : ""
        return Self.scrolled(
            Self.table(["label", "pictures", "MAP@R raw", "MAP@R head", "change", "precision@1 head"], rows)) + rest
    }

    private var confusions: HTML {
        guard !report.confusions.isEmpty else { return "" }
        let rows = report.confusions.prefix(Self.mostConfusions).map {
            [report.classNames[$0.pair.label], report.classNames[$0.pair.found], "\($0.count)"]
        }
        return "<h3>Whose nearest picture has another label</h3>\(Self.table(["label", "nearest", "pictures"], rows))"
    }

    private var reproduction: HTML {
        let fields = report.space.fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let prints = [
            ("program", version), ("space", report.space.fingerprint.hex), ("head", report.record.head.hex),
            ("store", report.store.uuid),
        ]
        return "<pre>\(commands.joined(separator: "\n"))</pre>\(Self.list(prints + fields))"
    }
}
