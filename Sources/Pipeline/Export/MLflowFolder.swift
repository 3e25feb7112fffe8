import FeatureStorage
import Foundation
import Tensors

/// Training runs in the layout of MLflow's file store: `mlruns/EXPERIMENT/RUN` with settings as parameters, metrics by step, tags, and the
/// head as an artifact.
public struct MLflowFolder: Sendable {
    private let folder: String
    private let experiment: String
    private let experimentID: String

    /// The file store in `folder`, in which runs of the store at `storePath` are an experiment of the same name.
    public init(folder: String, storePath: String) {
        self.folder = URL(fileURLWithPath: folder).standardizedFileURL.path
        let url = URL(fileURLWithPath: storePath).standardizedFileURL
        experiment = url.deletingPathExtension().lastPathComponent
        // MLflow takes decimal digits only.
        let digest = Fingerprint(of: Array(url.path.utf8)).bytes.prefix(7).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        experimentID = String(digest)
    }

    /// Adds the run in `path`, replacing it as a whole where it is there; `artifacts` are files. Throws `InputError` where there is no such
    /// run or the folder cannot be written.
    public func add(run path: String, artifacts: [String]) throws {
        let run = try FinishedRun(path: path)
        try makeExperiment()
        let id = String(run.fingerprint.hex.prefix(32))
        try AtomicFolder.write("\(folder)/\(experimentID)/\(id)") { place in
            try write(run.metadata(id: id, experiment: experimentID, folder: folder), to: "\(place)/meta.yaml")
            for (name, lines) in run.metricLines { try write(lines, to: "\(place)/metrics/\(name)") }
            for (name, value) in run.parameters { try write(value, to: "\(place)/params/\(name)") }
            for (name, value) in run.tags { try write(value, to: "\(place)/tags/\(name)") }
            for file in artifacts {
                guard let data = FileManager.default.contents(atPath: file) else { continue }
                try write(data, to: "\(place)/artifacts/\(file.fileName)")
            }
        }
    }

    private func makeExperiment() throws {
        let metadata = "\(folder)/\(experimentID)/meta.yaml"
        guard !FileManager.default.fileExists(atPath: metadata) else { return }
        let text = """
            artifact_location: \(URL(fileURLWithPath: "\(folder)/\(experimentID)").absoluteString)
            creation_time: 0
            experiment_id: '\(experimentID)'
            last_update_time: 0
            lifecycle_stage: active
            name: \(YAMLText.quoted(experiment))

            """
        try write(text, to: metadata)
    }

    private func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

    private func write(_ data: Data, to path: String) throws {
        let parent = path.parentFolder
        do { try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true) } catch {
            throw InputError(
                parent, "cannot be made: \(InputError.reason(of: error))", remedy: "Check the rights there.")
        }
        try AtomicFile.write(data, to: path)
    }
}

/// Text in YAML.
enum YAMLText {
    /// A text in single quotation marks, in which only these have to be doubled.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "''").replacing("\n", with: " ") + "'"
    }
}
