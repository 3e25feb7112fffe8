import Foundation
import Tensors

/// What a run folder says, in MLflow's terms.
struct FinishedRun {
    let fingerprint: Fingerprint
    /// Settings by the names of their places, such as `architecture.dropout`.
    let parameters: [(name: String, value: String)]
    /// For every metric its lines: time in milliseconds, value, step.
    let metricLines: [(name: String, lines: String)]
    private let name: String
    private let (start, end): (Int64, Int64)

    /// Reads a run. Throws `InputError` where there is none or a file of it is damaged.
    init(path: String) throws {
        let file = "\(path)/config.json"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw InputError(path, "is no training run", remedy: "Name a head that train-head made in this store.")
        }
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw InputError(file, "is damaged", remedy: "Train again with --replace.")
        }
        name = path.fileName
        let reports = try RunJournal<EpochReport>(path: "\(path)/metrics.jsonl").records()
        let summary = FileManager.default.contents(atPath: "\(path)/metrics.json")
            .flatMap { try? JSONDecoder().decode(RunSummary.self, from: $0) }
        fingerprint = Fingerprint(of: Array("\(path)\n".utf8) + data)
        parameters = RunFacts.flattened(object["settings"] ?? [:], "").sorted { $0.0 < $1.0 }
        let times = reports.map { Int64($0.time * 1000) }
        (start, end) = (times.first ?? 0, times.last ?? 0)
        metricLines = Self.lines(reports, summary, at: times.last ?? 0)
    }

    private static func lines(
        _ reports: [EpochReport], _ summary: RunSummary?, at time: Int64
    ) -> [(name: String, lines: String)] {
        var lines: [String: String] = [:]
        for report in reports {
            for (name, value) in report.scalars {
                lines[key(name), default: ""] += "\(Int64(report.time * 1000)) \(value) \(report.steps)\n"
            }
        }
        for (table, values) in summary?.tables ?? [:] {
            for (name, value) in values { lines[key("\(table).\(name)")] = "\(time) \(value) 0\n" }
        }
        return lines.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A metric's name in the letters that MLflow takes and that make one file.
    private static func key(_ name: String) -> String {
        name.replacing("@", with: "_at_").replacing("/", with: ".")
    }

    /// `meta.yaml`.
    func metadata(id: String, experiment: String, folder: String) -> String {
        let artifacts = URL(fileURLWithPath: "\(folder)/\(experiment)/\(id)/artifacts").absoluteString
        return """
            artifact_uri: \(artifacts)
            end_time: \(end)
            entry_point_name: ''
            experiment_id: '\(experiment)'
            lifecycle_stage: active
            run_id: \(YAMLText.quoted(id))
            run_name: \(YAMLText.quoted(name))
            run_uuid: \(YAMLText.quoted(id))
            source_name: ''
            source_type: 4
            source_version: ''
            start_time: \(start)
            status: 3
            tags: []
            user_id: ''

            """
    }

    /// MLflow's own tags.
    var tags: [(name: String, value: String)] {
        [("mlflow.runName", name), ("mlflow.source.name", "finetuner-cache"), ("mlflow.source.type", "LOCAL")]
    }
}
