import FeatureStorage
import Foundation
import MetricLearning
import Tensors

/// How the training rows of a dataset become batches. Everything that fits into the budget is one pool that holds all rows;
/// else the chunks of an epoch, in an order that the seed and the epoch decide, are cut into pools of nearly equal length.
/// Either way the batches of a pool are those of the sampler that the settings choose.
///
/// The same seed, epoch and budget give the same batches on every machine, with any number of threads.
struct TrainingPlan: Sendable {
    let dataset: FeatureDataset
    /// Where the features are.
    let residence: FeatureResidence
    /// Rows in a batch. A pool with too few classes for that gives smaller ones.
    let batchSize: Int
    /// How many threads may decode at a time.
    let threads: Int
    /// Rows of the dataset to train on, ascending.
    let training: [Int]
    /// The positions in `training` by chunk.
    private let groups: ChunkGroups
    /// The training rows of each class.
    private let classSizes: [Int32]
    private let settings: HeadTrainer.Settings
    /// All training features, where they are decoded.
    let decoded: Matrix?
    /// How batches are drawn; never `auto`.
    let sampler: SamplerChoice

    /// Keeps the order of chunks apart from other random choices of the same seed; epochs are added to it.
    private static let chunkStream: UInt64 = 2 << 32
    /// The same for views.
    private static let viewStream: UInt64 = 5 << 32

    /// Plans the training on the rows `training` of a dataset. Throws `InputError` where there are not two classes, and
    /// where the budget is too small, saying what would do.
    init(
        _ dataset: FeatureDataset, training: [Int], settings: HeadTrainer.Settings, decoded: Matrix? = nil,
        cores: Int = AvailableProcessors.count
    ) throws {
        self.decoded = decoded
        let groups = ChunkGroups(
            training.lazy.map { dataset.rows[$0].chunk }, chunkCount: dataset.chunks.count)
        sampler = try settings.sampler.resolved(for: settings.loss)
        batchSize = try Self.batchSize(dataset.labels(of: training), sampler, settings)
        let budget = settings.memory.map { MemoryBudget(bytes: $0) } ?? .standard
        let sizing = PoolSizing(
            trainingRows: (0..<groups.chunkCount).map { groups[$0].count },
            largestChunk: (0..<groups.chunkCount).map { dataset.chunks.rows(at: $0) }.max() ?? 0,
            datasetRows: dataset.count, dimension: dataset.space.dimension, views: dataset.viewCount)
        residence = try sizing.residence(within: budget)
        threads = sizing.threads(residence, within: budget, cores: cores)
        classSizes = training.reduce(into: [Int32](repeating: 0, count: dataset.classNames.count)) {
            $0[Int(dataset.rows[$1].label)] += 1
        }
        (self.dataset, self.training, self.groups, self.settings) = (dataset, training, groups, settings)
    }

    /// The batch size that all classes together allow. Throws as the sampler does where they allow none.
    private static func batchSize(
        _ labels: [Int], _ sampler: SamplerChoice, _ settings: HeadTrainer.Settings
    ) throws -> Int {
        let largest = MPerClassSampler.largestBatchSize(
            labels: labels, itemsPerClass: settings.itemsPerClass, limit: settings.batchSize)
        // Whatever draws the batches, there must be classes to tell apart.
        let byClass = try MPerClassSampler(
            labels: labels, itemsPerClass: settings.itemsPerClass, batchSize: largest ?? settings.batchSize,
            seed: settings.seed
        ).batchSize
        return sampler == .random ? min(settings.batchSize, labels.count) : byClass
    }

    /// The batch size for rows that are in a pool together; nil where no batch can be made of them.
    private func batchSize(of rows: [Int]) -> Int? {
        guard sampler != .random else { return rows.count >= 2 ? min(batchSize, rows.count) : nil }
        return MPerClassSampler.largestBatchSize(
            labels: dataset.labels(of: rows), itemsPerClass: settings.itemsPerClass, limit: batchSize)
    }

    /// The sizes of the classes that are trained on.
    var classes: ClassSizes { ClassSizes(classSizes, itemsPerClass: settings.itemsPerClass) }

    /// The pools of an epoch. Throws `InputError` where none of them has two classes.
    func epoch(_ epoch: Int) throws -> EpochPlan {
        var plan = EpochPlan()
        for (number, chunks) in chunksOfPools(epoch).enumerated() {
            let all = rows(in: chunks)
            let rows = sampler == .random ? all : withPartner(all)
            let size = batchSize(of: rows)
            plan.leftOut += all.count - (size == nil ? 0 : rows.count)
            if let size {
                plan.append(
                    PoolPlan(
                        epoch: epoch, number: number, rows: rows, batchSize: size, firstBatch: plan.batchCount))
            }
        }
        guard plan.batchCount > 0 else {
            throw InputError(
                "epoch \(epoch + 1)", "has no pool of chunks with two classes to tell apart",
                remedy: "Give more --memory, so that a pool holds more pictures.")
        }
        return plan
    }

    /// The batches of a pool. The first pool of an epoch draws as the only one does.
    func batches(_ pool: PoolPlan) throws -> [[Int]] {
        let seed = seed(of: pool)
        let drawn: any BatchSampler =
            sampler == .random
            ? try RandomSampler(count: pool.rows.count, batchSize: pool.batchSize, seed: seed)
            : try MPerClassSampler(
                labels: dataset.labels(of: pool.rows), itemsPerClass: settings.itemsPerClass,
                batchSize: pool.batchSize, seed: seed)
        return drawn.batches(epoch: pool.epoch)
    }

    /// The view of each row of a pool, drawn anew for every epoch.
    func views(of pool: PoolPlan) -> [Int] {
        guard dataset.viewCount > 1 else { return [Int](repeating: 0, count: pool.rows.count) }
        var generator = SeededGenerator(seed: seed(of: pool), stream: Self.viewStream + UInt64(pool.epoch))
        return pool.rows.map { _ in generator.index(below: dataset.viewCount) }
    }

    private func seed(of pool: PoolPlan) -> UInt64 {
        settings.seed &+ UInt64(pool.number) &* 0x9E37_79B9_7F4A_7C15
    }

    /// The chunks of each pool of an epoch.
    private func chunksOfPools(_ epoch: Int) -> [ArraySlice<Int>] {
        var generator = SeededGenerator(seed: settings.seed, stream: Self.chunkStream + UInt64(epoch))
        var order = (0..<groups.chunkCount).filter { !groups[$0].isEmpty }
        generator.shuffle(&order)
        let limit = residence.chunksPerPool ?? order.count
        let count = (order.count + limit - 1) / limit
        return (0..<count).map { order[$0 * order.count / count..<($0 + 1) * order.count / count] }
    }

    /// The training rows in blocks of `limit` chunks, in the order of the chunks.
    func chunkBlocks(of limit: Int) -> [[Int]] {
        let chunks = (0..<groups.chunkCount).filter { !groups[$0].isEmpty }
        return stride(from: 0, to: chunks.count, by: limit).map { start in
            chunks[start..<min(start + limit, chunks.count)].flatMap { groups[$0].map { training[Int($0)] } }
        }
    }

    /// The training rows in some chunks. A pool of everything has them in the order of their paths, which does not depend
    /// on how they are stored.
    private func rows(in chunks: ArraySlice<Int>) -> [Int] {
        residence.chunksPerPool == nil ? training : chunks.flatMap { groups[$0].map { training[Int($0)] } }
    }

    /// The rows without those that are alone of their class, though the class has more in other pools: in a batch they would
    /// stand for the whole class, and each would be its own positive.
    private func withPartner(_ rows: [Int]) -> [Int] {
        var sizes = [Int32](repeating: 0, count: classSizes.count)
        for row in rows { sizes[Int(dataset.rows[row].label)] += 1 }
        return rows.filter { row in
            let label = Int(dataset.rows[row].label)
            return sizes[label] >= min(2, classSizes[label])
        }
    }
}
