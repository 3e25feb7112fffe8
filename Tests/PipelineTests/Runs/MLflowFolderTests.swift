import FeatureStorage
import Foundation
import PythonPeer
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("A run for MLflow and DVC")
struct MLflowFolderTests {
    private static let python = Python.interpreter(importing: "mlflow")
    private let sample: SampleStore
    private let result: HeadTrainer.Result

    init() throws {
        sample = try SampleStore(classes: 4, perClass: 10)
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize) = (2, 16)
        let dataset = try FeatureDataset(store: sample.open(), space: sample.space)
        let run = try RunFolder(
            store: sample.open(), name: "it's", settings: settings, dataset: dataset, isResumed: false)
        result = try HeadTrainer(settings).train(dataset, run: run) { _ in }
    }

    @Test("has a metrics.json of numbers in tables")
    func metrics() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: sample.folder.path("s.fcstore/runs/it's/metrics.json")))
        let tables = try JSONDecoder().decode([String: [String: Double]].self, from: data)
        #expect(tables["raw"]?["map@r"] == result.before?.meanAveragePrecisionAtR)
        #expect(tables["head"]?["mrr"] == result.after?.meanReciprocalRank)
        #expect(
            tables["training"]?["epochs"] == 2 && tables["training"]?["loss"] == result.losses.last.map(Double.init))
    }

    @Test("is a run of an experiment with the files that MLflow's store has, and is replaced as a whole")
    func files() throws {
        let folder = MLflowFolder(folder: sample.folder.path("mlruns"), storePath: sample.folder.path("s.fcstore"))
        for _ in 0..<2 { try folder.add(run: sample.folder.path("s.fcstore/runs/it's"), artifacts: ["/nowhere"]) }
        let experiments = try FileManager.default.contentsOfDirectory(atPath: sample.folder.path("mlruns"))
        #expect(experiments.count == 1 && experiments[0].allSatisfy(\.isNumber))
        let runs = try FileManager.default.contentsOfDirectory(atPath: sample.folder.path("mlruns/\(experiments[0])"))
        let run = try #require(runs.first { $0 != "meta.yaml" })
        #expect(runs.count == 2 && run.count == 32)
        func text(_ name: String) throws -> String {
            try String(
                contentsOfFile: sample.folder.path("mlruns/\(experiments[0])/\(run)/\(name)"), encoding: .utf8)
        }
        #expect(try text("params/loss") == "TripletMarginLoss" && text("params/architecture.layers") == "3")
        let loss = try text("metrics/train.loss").split(separator: "\n").map { $0.split(separator: " ") }
        #expect(loss.count == 2 && Float(loss[1][1]) == result.losses[1])
        #expect(try text("meta.yaml").contains("run_name: 'it''s'\n"))
        #expect(throws: InputError.self) {
            try folder.add(run: sample.folder.path("s.fcstore/runs/none"), artifacts: [])
        }
    }

    @Test("is read by MLflow", .enabled(if: python != nil, "needs Python with mlflow"))
    func mlflow() throws {
        let folder = MLflowFolder(folder: sample.folder.path("mlruns"), storePath: sample.folder.path("s.fcstore"))
        try folder.add(
            run: sample.folder.path("s.fcstore/runs/it's"),
            artifacts: [sample.folder.path("s.fcstore/runs/it's/config.json")])
        let script = """
            import os, sys
            os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
            from mlflow.tracking import MlflowClient
            client = MlflowClient("file://" + sys.argv[1])
            experiment = client.get_experiment_by_name("s")
            for run in client.search_runs([experiment.experiment_id]):
                print(run.info.run_name, run.info.status, run.data.params["outputDimension"], run.data.metrics["head.map_at_r"])
                print([m.step for m in client.get_metric_history(run.info.run_id, "train.loss")])
                print([file.path for file in client.list_artifacts(run.info.run_id)])
            """
        let lines = try Python.run(try #require(Self.python), script, sample.folder.path("mlruns"))
            .split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "it's FINISHED 4 \(try #require(result.after).meanAveragePrecisionAtR)",
                "\(result.epochs.dropFirst().map(\.steps))", "['config.json']",
            ])
    }
}
