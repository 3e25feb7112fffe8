import Foundation
import Tensors
import Testing

/// Trainings that `mpirun` starts, with a program that was built with the trait MPI.
@Suite("Training on several processes", .serialized)
struct MPITrainingTests {
    private static let program = ProcessInfo.processInfo.environment["FINETUNER_CACHE_MPI_PROGRAM"]
    private static let mpirun = "/usr/bin/mpirun"
    private static let isReady = program != nil && FileManager.default.isExecutableFile(atPath: mpirun)
    private static let needs: Comment =
        "needs mpirun, and FINETUNER_CACHE_MPI_PROGRAM, as Tools/test --distributed makes it"

    /// What tests need and a cluster does not: more processes than cores, as root, in a container.
    private static let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
        "OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMPI_MCA_mpi_yield_when_idle": "1",
    ]

    private struct Epoch: Decodable { let loss, monitored: Double? }

    private func train(_ world: SampleWorld, processes: Int, _ options: String...) throws -> Program.Outcome {
        try world.program.run(
            ["train-head", "--output-dim", "8", "--epochs", "4", "--batch-size", "16"] + options,
            environment: Self.environment, under: [Self.mpirun, "-n", "\(processes)"],
            executable: try #require(Self.program))
    }

    private func epochs(_ world: SampleWorld, _ name: String) throws -> [Epoch] {
        try String(contentsOfFile: world.program.path("features.fcstore/runs/\(name)/metrics.jsonl"), encoding: .utf8)
            .split(separator: "\n").map { try JSONDecoder().decode(Epoch.self, from: Data($0.utf8)) }
    }

    private func head(_ world: SampleWorld, _ name: String) throws -> Data {
        try Data(
            contentsOf: URL(fileURLWithPath: world.program.path("features.fcstore/heads/\(name)/head.safetensors")))
    }

    @Test("has the loss curve of one, whatever the number", .enabled(if: isReady, needs))
    func curves() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        for loss in ["SupConLoss", "TripletMarginLoss", "ArcFaceLoss"] {
            var curves: [[Epoch]] = []
            for processes in 1...3 {
                let outcome = try train(
                    world, processes: processes, "--loss", loss, "--name", "\(loss)\(processes)", "--validation",
                    "items")
                #expect(outcome.status == 0, "\(outcome.messages)")
                #expect(outcome.messages.contains("training on \(processes) processes") == (processes > 1))
                curves.append(try epochs(world, "\(loss)\(processes)"))
            }
            for curve in curves {
                #expect(curve.count == 5)
                for (epoch, expected) in zip(curve.dropFirst(), curves[0].dropFirst()) {
                    let difference = abs(try #require(epoch.loss) - (try #require(expected.loss)))
                    #expect(difference <= 1e-4, "\(loss): \(difference)")
                }
            }
        }
    }

    @Test("keeps a checkpoint when it is stopped, and goes on with the same bits", .enabled(if: isReady, needs))
    func resumption() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let options = [
            "train-head", "--output-dim", "8", "--epochs", "400", "--patience", "1000", "--batch-size", "16",
            "--validation", "none",
        ]
        func run(_ more: String...) throws -> Process {
            let process = try world.program.start(
                options + more, environment: Self.environment, under: [Self.mpirun, "-n", "2"],
                executable: try #require(Self.program))
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            return process
        }
        let whole = try run("--name", "whole")
        whole.waitUntilExit()
        #expect(whole.terminationStatus == 0)
        let cut = try run("--name", "cut")
        while cut.isRunning, (try? epochs(world, "cut").count) ?? 0 < 5 { usleep(2000) }
        // One process, as a scheduler that wants a machine back would: mpirun itself would wait a second first.
        let process = try #require(children(of: cut.processIdentifier).last)
        kill(process, SIGTERM)
        cut.waitUntilExit()
        #expect(cut.terminationStatus != 0)
        #expect(try epochs(world, "cut").count < 401, "it was stopped too late to tell anything")
        let resumed = try run("--name", "cut", "--resume", "--replace")
        resumed.waitUntilExit()
        #expect(resumed.terminationStatus == 0)
        #expect(try head(world, "cut") == head(world, "whole"))
    }

    private func children(of process: Int32) throws -> [Int32] {
        try String(contentsOfFile: "/proc/\(process)/task/\(process)/children", encoding: .utf8)
            .split(separator: " ").compactMap { Int32($0) }
    }

    @Test("refuses what one process does, in one line of its own", .enabled(if: isReady, needs))
    func refused() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        let missing = try train(world, processes: 2)
        #expect(missing.status == 2 && missing.messages.contains("error:"), "\(missing.messages)")
        #expect(try world.build().status == 0)
        let sweep = try train(world, processes: 2, "--sweep", "learning-rate=1e-4,1e-3")
        #expect(sweep.status == 2 && sweep.messages.contains("side by side"), "\(sweep.messages)")
        let tooMany = try train(world, processes: 5, "--batch-size", "4", "--items-per-class", "2")
        #expect(tooMany.status == 2 && tooMany.messages.contains("for 5 processes"), "\(tooMany.messages)")
    }

    @Test("is refused by a program that was built without MPI")
    func withoutMPI() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let outcome = try world.program.run(
            "train-head", "--output-dim", "8", environment: ["OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1"])
        #expect(outcome.status == 2 && outcome.messages.contains("built without MPI"), "\(outcome.messages)")
    }
}
