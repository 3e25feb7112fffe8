import ArgumentParser
import Foundation
import ModelGraph
import Pipeline

struct Models: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the models that can be used by name.",
        discussion: "Weights are kept in $FINETUNER_CACHE_HOME/weights (default ~/.cache/finetuner-cache/weights).")

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let cache = WeightsCache.standard()
        let rows = ModelCatalog.all.map { Row($0, onDisk: cache.contains($0)) }
        if json { return try JSONOutput.print(Answer(models: rows)) }
        var table = TextTable([
            ("name", .left), ("task", .left), ("features", .right), ("architecture", .left), ("weights", .left),
            ("on disk", .left), ("description", .left),
        ])
        for row in rows {
            table.add([
                row.name, row.task, "\(row.featureDimension)", row.architecture, row.weights, row.onDisk ? "yes" : "no",
                row.description,
            ])
        }
        print(table.text)
    }

    private struct Answer: Encodable {
        let schema = 1
        let models: [Row]
    }

    private struct Row: Encodable {
        let name: String
        let task: String
        let featureDimension: Int
        let architecture: String
        let weights: String
        let sha256: String
        let preprocessing: String
        let license: String
        let description: String
        let onDisk: Bool

        init(_ model: NamedModel, onDisk: Bool) {
            name = model.name
            task = model.task
            featureDimension = model.featureDimension
            architecture = model.architecture
            weights = model.weightsFile
            sha256 = model.sha256
            preprocessing = model.preprocessing
            license = model.license
            description = model.description
            self.onDisk = onDisk
        }
    }
}
