import FeatureStorage
import Foundation
import ImageInput
import MetricLearning
import Pipeline
import Retrieval
import Tensors

/// The commands that make a space and a head again: every setting that is not the default.
struct CommandLines {
    private let record: HeadRecord
    private let space: FeatureSpace
    private let roots: [String]
    private let store: String

    /// The commands of the head of `record` in the store at `store`, whose pictures were listed from `roots`.
    init(_ record: HeadRecord, space: FeatureSpace, roots: [String], store: String) {
        (self.record, self.space, self.roots, self.store) = (record, space, roots, store)
    }

    /// One line each, in their order.
    var lines: [String] { roots.map(build) + [train] }

    private func build(_ root: String) -> String {
        let names = [
            "model": "model", "weights": "weights", "cut": "cut", "pool": "pool", "preprocessing": "preprocessing",
            "layout": "layout", "precision": "precision", "inputSize": "input-size", "cropPct": "crop-pct",
            "resize": "resize", "interpolation": "interpolation", "mean": "mean", "std": "std",
            "channelOrder": "channel-order", "decoding": "decoding", "exif": "exif", "dtype": "dtype",
        ]
        let usual = ["exif": ExifPolicy.apply.rawValue, "dtype": RowType.float16.rawValue]
        let options = space.recipe.filter { usual[$0.key] != $0.value }.sorted { $0.key < $1.key }
            .compactMap { key, value in names[key].map { ($0, value) } }
        return Self.line("build", [root], options + [("store", store)])
    }

    private var train: String {
        let (settings, usual) = (
            record.settings, HeadTrainer.Settings(outputDimension: record.settings.outputDimension)
        )
        var options = [("output-dim", "\(settings.outputDimension)"), ("name", record.name), ("store", store)]
        func add<Value: Equatable>(
            _ name: String, _ path: KeyPath<HeadTrainer.Settings, Value>, _ text: (Value) -> String
        ) {
            if settings[keyPath: path] != usual[keyPath: path] { options.append((name, text(settings[keyPath: path]))) }
        }
        func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "" }
        add("head", \.head) { $0.rawValue }
        add("layers", \.architecture.layers) { "\($0)" }
        add("width", \.architecture.width, text)
        add("dropout", \.architecture.dropout) { "\($0)" }
        add("bias", \.architecture.hasBias) { _ in "" }
        add("no-output-norm", \.architecture.normalizesOutput) { _ in "" }
        add("residual-weight", \.residualWeight) { "\($0)" }
        add("shrinkage", \.shrinkage, text)
        add("loss", \.loss) { "\($0)" }
        add("miner", \.miner, text)
        add("optimizer", \.optimizer) { "\($0)" }
        add("learning-rate", \.learningRate, text)
        add("loss-rate-factor", \.lossRateFactor) { "\($0)" }
        add("schedule", \.schedule) { "\($0)" }
        add("warmup", \.warmup) { "\($0)" }
        add("schedule-by", \.scheduleInterval) { $0.rawValue }
        add("clip-norm", \.largestNorm, text)
        add("precision", \.precision) { $0.rawValue }
        add("epochs", \.epochs) { "\($0)" }
        add("batch-size", \.batchSize) { "\($0)" }
        add("items-per-class", \.itemsPerClass) { "\($0)" }
        add("sampler", \.sampler) { $0.rawValue }
        add("seed", \.seed) { "\($0)" }
        add("validation", \.validation) { "\($0)" }
        add("validation-index", \.validationIndex, text)
        add("held-out", \.heldOutFraction) { "\($0)" }
        add("monitor", \.monitor) { $0 }
        add("patience", \.patience, text)
        add("min-delta", \.minimumDelta) { "\($0)" }
        add("baseline", \.baseline, text)
        add("keep-trained", \.keepsTrained) { _ in "" }
        return Self.line("train-head", [], options)
    }

    private static func line(_ command: String, _ arguments: [String], _ options: [(String, String)]) -> String {
        let words = arguments.map(quoted) + options.map { $0.1.isEmpty ? "--\($0.0)" : "--\($0.0) \(quoted($0.1))" }
        return "finetuner-cache \(command) " + words.joined(separator: " ")
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-_./:,=@%+".unicodeScalars.contains(scalar))
        }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
