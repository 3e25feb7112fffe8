import ArgumentParser
import MetricLearning

struct Losses: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the losses, miners, optimizers and schedules of train-head, with their settings.",
        discussion: """
            Names, settings and defaults are those of pytorch-metric-learning, PyTorch and Hugging Face's transformers. A \
            description on the command line is a name with the settings that differ: 'ContrastiveLoss(neg_margin=0.8)'. \
            Settings may be components themselves: 'TripletMarginLoss(distance=LpDistance(power=2))'.
            """)

    @Flag(help: "Print the result as JSON.")
    var json = false

    private struct Entry: Encodable {
        let kind, name, summary: String
        let settings: [String]
    }

    func run() throws {
        if json { return try JSONOutput.print(entries) }
        var table = TextTable([("kind", .left), ("name", .left), ("settings", .left), ("", .left)])
        for entry in entries {
            table.add([entry.kind, entry.name, entry.settings.joined(separator: " "), entry.summary])
        }
        print(table.text)
    }

    private var entries: [Entry] {
        func entries(_ kind: String, _ catalog: [CatalogEntry]) -> [Entry] {
            catalog.map { Entry(kind: kind, name: $0.name, summary: $0.summary, settings: $0.settings) }
        }
        return entries("loss", LossCatalog.entries + [LossCatalog.ofScoredPairs])
            + entries("miner", MinerCatalog.entries)
            + OptimizerCatalog.entries.map {
                Entry(kind: "optimizer", name: $0.name, summary: $0.summary, settings: $0.settings)
            }
            + LearningRateCurve.entries.map {
                Entry(kind: "schedule", name: $0.name, summary: $0.summary, settings: $0.settings)
            }
    }
}
