import Pipeline

/// What `train-head` says beside its result.
extension TrainHead {
    func sayWhatIsLeftOut(_ dataset: FeatureDataset) {
        if dataset.viewCount > 1 { Console.note("training on \(dataset.viewCount) views of each picture") }
        if let wanted = batches.views, wanted > dataset.viewCount {
            Console.warning(
                "the store has \(Formats.count(dataset.viewCount, "view")) of each picture, not \(wanted); build --views \(wanted) makes them"
            )
        }
        if dataset.unlabeled > 0 {
            Console.note("\(Formats.count(dataset.unlabeled, "picture")) without a label left out")
        }
        if dataset.conflicting > 0 {
            Console.warning(
                "listed under two labels: \(Formats.count(dataset.conflicting, "picture")); the label of the first path counts"
            )
        }
    }

    func sayHowBatchesWere(_ result: HeadTrainer.Result) {
        if result.batchSize < batches.batchSize {
            Console.note(
                "batch size \(result.batchSize) instead of \(batches.batchSize): \(whyBatchesAreSmaller(result))")
        }
        if result.isSampledByClass, result.classes.small > 0 {
            Console.note(
                """
                fewer than \(batches.itemsPerClass) training pictures: \(result.classes.small) of \
                \(Formats.count(result.classes.count, "class", "classes")); a batch has some of theirs more than once\
                \(result.classes.single > 0 ? ", and those of \(result.classes.single) with one picture are their own positives" : "")
                """)
        }
        if result.leftOut > 0 {
            Console.note(
                """
                alone of their class in their pool and left out: \(result.leftOut) of \(result.trainingCount) training \
                pictures an epoch; more --memory makes pools larger
                """)
        }
    }

    private func whyBatchesAreSmaller(_ result: HeadTrainer.Result) -> String {
        let (wanted, size) = (batches.batchSize, batches.itemsPerClass)
        if !result.isSampledByClass || result.trainingCount / size * size == result.batchSize {
            return "there are \(Formats.count(result.trainingCount, "training picture"))"
        }
        if wanted / size * size == result.batchSize { return "whole classes of \(size) pictures" }
        return "there are \(result.classes.count) classes to take \(size) pictures of"
    }

    func sayWhatWasKept(_ record: HeadRecord) {
        switch record.kept {
        case .trained where record.isWorseThanRawFeatures:
            Console.warning(
                """
                this head finds held-out pictures worse than the raw features do; query uses the raw features unless \
                --head \(record.name) is given.
                """)
        case .trained where record.validation == .none:
            Console.warning(
                "no picture was held out, so that nothing says whether this head is better than the raw features")
        case .trained: break
        case .projection:
            let reason =
                record.validation == .none
                ? "there was no epoch of training" : "no epoch of training found held-out pictures better"
            Console.note("kept the projection: \(reason)")
        case .rawFeatures:
            Console.warning(
                """
                kept the raw features, \(record.inputDimension) dimensions: neither training nor a projection to \
                \(record.settings.outputDimension) found held-out pictures better. --keep-trained keeps the trained head anyway.
                """)
        }
    }
}
